"""`chimera bench forecast`: do intervals hold what they say, and how early is told what runs out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chimera.cli.base.options import Results


def command(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="CSV files with `timestamp,value`, at any depth."),
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(help="OpenMetrics, plain or .xz; the practice estate's if not given."),
    ] = None,
    seed: Annotated[int, typer.Option(help="What the synthetic series are drawn from.")] = 1,
    series: Annotated[int, typer.Option(help="Synthetic series of each sort.", min=4)] = 80,
    quick: Annotated[
        bool, typer.Option("--quick", help="Coverage only, not the lead times.")
    ] = False,
    json: Results = None,
) -> None:
    """Coverage and interval score over rolling origins, lead times, false warnings and speed."""
    import orjson

    from chimera.bench.outlook.run import coverage, leads, speed, watched

    block = watched(recording)
    found: dict[str, object] = {
        "coverage": coverage(folder, block, series, seed, typer.echo),
        "speed": speed(typer.echo),
    }
    if not quick:
        found["leads"] = leads(block, series, seed, typer.echo)
    if json is not None:
        json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        typer.echo(f"wrote {json}")
