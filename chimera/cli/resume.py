"""Let changes start again."""

from __future__ import annotations

from typing import Annotated

import typer

from chimera.cli.base.options import As, Json, Url
from chimera.cli.base.output import as_json, say


def command(
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="Where; * is everywhere.")
    ] = "*",
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Let changes start again where they were paused."""
    from chimera.cli.base.connection import connect

    pauses = connect(url, acting).post("/resume", {"environment": environment})
    if json:
        return as_json(pauses)
    still = f"; still paused: {', '.join(sorted(pauses))}" if pauses else ""
    return say(f"resumed {'everywhere' if environment == '*' else f'in {environment}'}{still}")
