"""Stop all new changes."""

from __future__ import annotations

from typing import Annotated

import typer

from chimera.cli.base.options import As, Json, Url
from chimera.cli.base.output import as_json, say


def command(
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="Where; * is everywhere.")
    ] = "*",
    reason: Annotated[str, typer.Option(help="Why; every view shows it.")] = "",
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Stop all new changes, everywhere or in one environment."""
    from chimera.cli.base.connection import connect

    pauses = connect(url, acting).post("/pause", {"environment": environment, "reason": reason})
    where = "everywhere" if environment == "*" else f"in {environment}"
    return as_json(pauses) if json else say(f"paused {where}: no new change starts")
