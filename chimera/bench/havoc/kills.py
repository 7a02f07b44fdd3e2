"""kill -9 of the worker and of Temporal's server, at drawn moments of real repairs."""

from __future__ import annotations

import asyncio
import time
from statistics import median

from chimera.bench.ground.ground import Ground
from chimera.bench.havoc.points import Point
from chimera.bench.havoc.repair import Repair, tried
from chimera.domain.base import Value

BACK_SECONDS = 90.0  # for a killed service to be ready again
NOT_ORDERED = "no repair was ordered"
USUAL = 20.0  # seconds a repair takes, before one was measured


class Struck(Value):
    """One blow as it fell."""

    victim: str
    seconds: float  # after the order was placed
    state: str  # of the order at that moment


class Killed(Value):
    """One point, and what was left."""

    point: Point
    struck: tuple[Struck, ...] = ()
    repaired: bool = False
    problems: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def missed(self) -> bool:
        """Nothing was killed, since there was no repair to kill in."""
        return not self.struck and self.problems == (NOT_ORDERED,)


class Kills:
    """Plays points one after the other on one stack."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._lengths: list[float] = []

    async def measure(self, fault: str, target: str) -> list[str]:
        """One repair that nothing disturbs: how long it takes, and that it works at all."""
        repair = Repair(self._ground, fault, target)

        async def work() -> list[str]:
            if not await repair.begin():
                return ["no repair was ordered, though nothing was killed"]
            began = time.monotonic()
            if not await repair.ended():
                return ["the repair did not end, though nothing was killed"]
            self._lengths.append(time.monotonic() - began)
            await self._ground.good_day(reset=False)
            return await repair.problems()

        return await tried(work)

    async def play(self, point: Point) -> Killed:
        began = time.monotonic()
        repair = Repair(self._ground, point.fault, point.target)
        struck: list[Struck] = []

        async def work() -> list[str]:
            if not await repair.begin():
                return [NOT_ORDERED]
            await self._strike(point, repair, struck)
            ended = await repair.ended()
            await self._ground.good_day(reset=not await repair.applied())
            late = [] if ended else ["the repair did not end in time"]
            return late + await repair.problems()

        problems = await tried(work)
        if problems:  # the next point must not inherit this one's trouble
            await tried(self._heal)
        return Killed(
            point=point,
            struck=tuple(struck),
            repaired=await repair.applied(),
            problems=tuple(problems),
            seconds=round(time.monotonic() - began, 1),
        )

    async def _strike(self, point: Point, repair: Repair, struck: list[Struck]) -> None:
        usual = median(self._lengths) if self._lengths else USUAL
        placed = time.monotonic()
        for blow in point.blows:
            await asyncio.sleep(max(0.0, placed + blow.after * usual - time.monotonic()))
            state = await repair.state()
            await self._ground.stack.kill(blow.victim)
            after = round(time.monotonic() - placed, 2)
            struck.append(Struck(victim=blow.victim, seconds=after, state=state))
        for blow in point.blows:
            await self._ground.stack.until_ready(blow.victim, BACK_SECONDS)

    async def _heal(self) -> list[str]:
        await self._ground.good_day()
        return []
