"""Show what would have fired, before it is switched on."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from chimera.cli.base.options import Config, Json


def command(
    days: Annotated[float, typer.Option(min=0.01, help="How far back to begin.")] = 7.0,
    config: Config = None,
    json: Json = False,
) -> None:
    """Show what would have fired in the past days, with the settings and the code of the worker."""
    import asyncio
    from datetime import UTC, datetime

    from chimera.cli.backtest.run import run
    from chimera.cli.backtest.show import as_data, show
    from chimera.cli.base.output import as_json
    from chimera.cli.base.progress import spinning
    from chimera.domain import Misconfigured
    from chimera.platform.settings import load_settings

    settings = load_settings(config)
    if not settings.watch:
        raise Misconfigured(
            "nothing is watched: add [[watch]] rows, or let `chimera init` propose some"
        )
    end = datetime.now(UTC)
    with spinning() as said:
        found = asyncio.run(run(settings, end - timedelta(days=days), end, said))
    as_json(as_data(found)) if json else show(found)
