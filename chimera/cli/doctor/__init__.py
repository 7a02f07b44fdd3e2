"""Look at every service and integration: ok, missing or misconfigured; why; what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from chimera.cli.base.options import Config, Json
from chimera.cli.base.output import as_json, say, table

if TYPE_CHECKING:
    from chimera.cli.doctor.check import Result


def command(config: Config = None, json: Json = False) -> None:
    """Look at every service and integration: ok, missing or misconfigured, why, and the remedy."""
    import asyncio

    from chimera.cli.doctor.check import examine

    results = asyncio.run(examine(config))
    if json:
        as_json([vars(result) for result in results])
    else:
        plainly(results)
    if any(result.state == "misconfigured" for result in results):
        raise typer.Exit(1)


def plainly(results: list[Result]) -> None:
    table(
        ("what", "state", "why"), ((r.name, r.state, r.why) for r in results), "nothing to look at"
    )
    remedies = [result for result in results if result.remedy]
    if remedies:
        say()
    for result in remedies:
        say(f"{result.name}: {result.remedy}")
