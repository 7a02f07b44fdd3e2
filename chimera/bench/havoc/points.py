"""Where in a repair the killing happens: drawn beforehand, so that a run can be repeated."""

from __future__ import annotations

import random

from chimera.domain.base import Value

VICTIMS = ("worker", "temporal")
REPAIRS = {  # quick ones: a fault, and where it may strike
    "config_errors": ("payments", "inventory", "dashboard"),
    "slow_release": ("inventory", "payments", "dashboard"),
}
LATEST = 1.1  # of a repair's usual length: some blows fall just after its end


class Blow(Value):
    """A kill -9 of one service, `after` times the usual length of a repair after its order."""

    victim: str
    after: float


class Point(Value):
    """One repair and the blows that fall while it runs, in time's order."""

    number: int
    fault: str
    target: str
    blows: tuple[Blow, ...]


def points(count: int, seed: int, victims: tuple[str, ...] = VICTIMS) -> list[Point]:
    """`count` repairs, each with one blow to each victim, at moments of their own."""
    chance = random.Random(f"chaos/{seed}")
    places = [(fault, target) for fault in sorted(REPAIRS) for target in REPAIRS[fault]]
    chance.shuffle(places)
    drawn = []
    for number in range(1, count + 1):
        # In turns: what is broken again and again in one place becomes its usual state.
        fault, target = places[number % len(places)]
        blows = [Blow(victim=v, after=round(chance.uniform(0, LATEST), 3)) for v in victims]
        blows.sort(key=lambda blow: blow.after)
        drawn.append(Point(number=number, fault=fault, target=target, blows=tuple(blows)))
    return drawn
