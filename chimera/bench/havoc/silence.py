"""Prometheus stopped in the middle of a repair: nothing may be closed, undone or repaired."""

from __future__ import annotations

from collections.abc import Iterable

from chimera.bench.ground.clock import until
from chimera.bench.ground.ground import Ground
from chimera.bench.havoc.repair import Repair, tried
from chimera.domain import Phase

BLIND_SECONDS = 240.0  # longer than any proof may take
SIGHT_SECONDS = 150.0  # to close the incident once there are data again


async def silence(ground: Ground, fault: str, target: str) -> list[str]:
    """What went wrong; empty when Chimera kept still and said why."""
    repair = Repair(ground, fault, target)

    async def work() -> list[str]:
        if not await repair.begin(lambda record: record.state == "running"):
            return ["no repair began"]
        await ground.stack.hold("prometheus")
        try:
            found = await blind(ground, repair)
        finally:
            await ground.stack.release("prometheus")
        closed = await until(lambda: all_closed(repair), SIGHT_SECONDS, 1.0)
        if not closed:
            ground.say("    not closed by itself once data were back; the bench's person closes it")
        await ground.good_day()
        return found + await repair.problems()

    return await tried(work)


async def blind(ground: Ground, repair: Repair) -> list[str]:
    """Watch while there are no data, until the order has ended and the incident says why."""
    before = {record.order.id for record in await repair.orders()}
    said = await until(lambda: told_and_still(ground, repair), BLIND_SECONDS, 1.0)
    found = [] if said else ["the incident does not say that there are no data"]
    orders = {record.order.id: record for record in await repair.orders()}
    found += [f"order {name} was placed without data" for name in sorted(set(orders) - before)]
    for name, record in orders.items():
        status = record.outcome.status if record.outcome else "running"
        if status in ("rolled_back", "applied", "failed"):
            found.append(f"order {name} ended as {status} without data")
    ledger = await ground.controller.ledger()
    found += [f"{r.key} was undone without data" for r in ledger if r.key in back_keys(orders)]
    closed = [i.id for i in await repair.incidents() if i.phase is Phase.RESOLVED]
    return found + [f"{name} was closed without data" for name in closed]


def back_keys(orders: Iterable[str]) -> set[str]:
    return {f"{name}#rollback" for name in orders}


async def told_and_still(ground: Ground, repair: Repair) -> bool:
    """Whether its incident says "no data", and the order has ended or waits with nothing changed."""
    changed = {row.order_id for row in await ground.controller.ledger() if row.applied}
    orders = await repair.orders()
    if any(record.outcome is None and record.order.id in changed for record in orders):
        return False
    for incident in await repair.incidents():
        if incident.no_data:
            return True
        if any("no data" in event.text for event in await ground.store.events(incident.id)):
            return True
    return False


async def all_closed(repair: Repair) -> bool:
    return all(incident.phase is Phase.RESOLVED for incident in await repair.incidents())
