"""What Chimera adds to a chat turn, beside the same graph without it."""

from __future__ import annotations

from typing import Annotated

import typer

from chimera.cli.base.options import Results


def command(
    turns: Annotated[int, typer.Option(min=5, help="Turns of each kind.")] = 60,
    json: Results = None,
) -> None:
    """Time chat turns with a model that answers at once: with Chimera, and the bare graph."""
    import asyncio
    import json as form

    from chimera.bench.talk.run import measure
    from chimera.cli.base.output import say, table

    figures = asyncio.run(measure(turns))
    rows = [
        (name, f"{one['median']:.1f}", f"{one['p95']:.1f}")
        for name, one in (
            ("with Chimera", figures["with_chimera_ms"]),
            ("bare graph", figures["bare_graph_ms"]),
        )
    ]
    table(("turn", "median ms", "p95 ms"), rows, "nothing")
    say(
        f"ratio of medians: {figures['ratio_of_medians']:.2f} (meant: at most 2); "
        f"{figures['requests_a_turn']} requests to the model a turn, {figures['turns']} turns of each"
    )
    if json is not None:
        json.write_text(form.dumps(figures, indent=2))
