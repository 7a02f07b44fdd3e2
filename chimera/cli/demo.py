"""Show the whole loop on real processes."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from chimera.cli.base.options import Home, Light


def command(
    fault: Annotated[str, typer.Option(help="What is broken in the first act.")] = "slow_release",
    target: Annotated[
        str | None, typer.Option(help="Where; the fault's first target if not given.")
    ] = None,
    magnitude: Annotated[float, typer.Option(help="How bad; 1 is the demo's.")] = 1.0,
    approve: Annotated[
        Literal["act", "ask"], typer.Option(help="ask: every repair waits for your word.")
    ] = "act",
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running.")] = False,
    first: Annotated[bool, typer.Option("--first", help="Only the first act.")] = False,
    healthy: Annotated[
        float, typer.Option(help="Seconds of the last act, in which all is well.")
    ] = 60.0,
    light: Light = False,
    home: Home = None,
) -> None:
    """Break a practice company of real processes and watch Chimera repair it."""
    import asyncio

    from chimera.sandbox.demo.show import Show

    show = Show(
        home=home,
        fault=fault,
        target=target,
        magnitude=magnitude,
        approve=approve,
        keep=keep,
        first_only=first,
        healthy=healthy,
        light=light,
    )
    raise typer.Exit(asyncio.run(show.run()))
