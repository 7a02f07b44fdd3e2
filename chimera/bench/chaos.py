"""`chimera bench chaos`: kill, stop and confuse what Chimera stands on while it repairs."""

from __future__ import annotations

from typing import Annotated

import typer

from chimera.cli.base.options import Light, OwnHome, Results, WarmUp

POINTS, QUICK_POINTS = 20, 2


def command(
    points: Annotated[
        int | None, typer.Option(help="Repairs; each suffers a kill of worker and of Temporal.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What the moments are drawn from.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="Two points of each kind.")] = False,
    kills_only: Annotated[
        bool, typer.Option("--kills-only", help="Leave out Prometheus and ServiceNow.")
    ] = False,
    json: Results = None,
    home: OwnHome = None,
    warm_up: WarmUp = None,
    light: Light = False,
) -> None:
    """Kill worker and Temporal in the middle of repairs, stop Prometheus, let ServiceNow fail."""
    from chimera.bench.ground.ending import run
    from chimera.bench.havoc.points import points as drawn
    from chimera.bench.havoc.run import Chaos

    count = points if points is not None else QUICK_POINTS if quick else POINTS
    chaos = Chaos(
        points=drawn(count, seed),
        seed=seed,
        json=json,
        home=home,
        light=light,
        warm_up=warm_up,
        kills_only=kills_only,
    )
    if not run(chaos.run()):
        raise typer.Exit(1)
