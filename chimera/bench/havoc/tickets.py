"""ServiceNow says 429, 500 or nothing, or loses a reply: the loop goes on, the record comes once."""

from __future__ import annotations

from chimera.bench.ground.clock import until
from chimera.bench.ground.ground import Ground
from chimera.bench.ground.standins import Mode
from chimera.bench.havoc.repair import Repair, tried

MODES: tuple[tuple[Mode, int], ...] = (("429", -1), ("500", -1), ("hang", -1), ("lost_reply", 2))
LATER_SECONDS = 180.0  # after ServiceNow behaves again


async def tickets(ground: Ground, mode: Mode, times: int, fault: str, target: str) -> list[str]:
    """What went wrong; empty when the repair was proved and the record written later, once."""
    repair = Repair(ground, fault, target)

    async def work() -> list[str]:
        await ground.standins.misbehave(mode, times)
        try:
            found = [] if await repair.begin() else ["no repair was ordered"]
            if not found and not await repair.ended():
                found.append("the repair did not end")
            if not await repair.applied():
                found.append("the repair was not proved while ServiceNow was away")
            early = await ground.standins.records()
            if times < 0 and any(early[i.id] for i in await repair.incidents()):
                found.append(f"a record was written in spite of {mode}: the bench tried nothing")
        finally:
            await ground.standins.misbehave("none")
        await ground.good_day(reset=bool(found))
        if not await until(lambda: resolved(ground, repair), LATER_SECONDS, 1.0):
            found.append("the record was not resolved later")
        return found + await repair.problems()

    return await tried(work)


async def resolved(ground: Ground, repair: Repair) -> bool:
    """Whether every incident's record says that it is over."""
    done = await ground.standins.resolved()
    return all(incident.id in done for incident in await repair.incidents())
