"""One repair from the fault to its end, with whatever falls on it meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chimera.bench.ground.clock import until
from chimera.bench.ground.ground import Ground
from chimera.bench.havoc.checks import EndedOrder, problems
from chimera.domain import ChimeraError, Incident
from chimera.platform.store import OrderRecord

ORDER_SECONDS = 120.0  # from the injection to the first order
END_SECONDS = 240.0  # from the order to its end, whatever was killed
RECORD_SECONDS = 150.0  # for ServiceNow's record to be written


class Repair:
    """A fault that calls for a repair, and everything that came of it."""

    def __init__(self, ground: Ground, fault: str, target: str) -> None:
        self.ground, self.fault, self.target = ground, fault, target
        self._known: set[str] = set()
        self._before = 0
        self.order: OrderRecord | None = None

    async def begin(self, wanted: Callable[[OrderRecord], bool] = lambda _: True) -> bool:
        """Inject, and wait for the first order that is `wanted`; False when none comes."""
        self._known = await self.ground.ids()
        self._before = len(await self.ground.controller.ledger())
        await self.ground.door.inject(self.fault, self.target)
        self.order = await until(lambda: self._first(wanted), ORDER_SECONDS, 0.1)
        return self.order is not None

    async def incidents(self) -> list[Incident]:
        return await self.ground.since(self._known)

    async def orders(self) -> list[OrderRecord]:
        """Oldest first."""
        found = []
        for incident in await self.incidents():
            found += await self.ground.store.orders(incident=incident.id)
        return sorted(found, key=lambda record: record.order.created)

    async def _first(self, wanted: Callable[[OrderRecord], bool]) -> OrderRecord | None:
        return next((record for record in await self.orders() if wanted(record)), None)

    async def state(self) -> str:
        """Where the first order is now: waiting, running, done."""
        records = await self.orders()
        return records[0].state if records else "none"

    async def ended(self, limit: float = END_SECONDS) -> bool:
        """Wait until every order has ended, and one of them proved its repair or none is left."""

        async def look() -> bool:
            await self.ground.approve_all()
            records = await self.orders()
            if not records or any(record.outcome is None for record in records):
                return False
            if any(record.outcome and record.outcome.status == "applied" for record in records):
                return True
            return all(i.phase in ("handed_over", "resolved") for i in await self.incidents())

        return bool(await until(look, limit))

    async def applied(self) -> bool:
        return any(r.outcome and r.outcome.status == "applied" for r in await self.orders())

    async def problems(self) -> list[str]:
        """What is not as it must be, once ServiceNow has had its time."""
        await until(self._written, RECORD_SECONDS, 1.0)
        incidents = [incident.id for incident in await self.incidents()]
        lines = {i: [e.text for e in await self.ground.store.events(i)] for i in incidents}
        orders = [
            EndedOrder(
                id=record.order.id,
                incident=record.order.incident,
                state=record.state,
                status=record.outcome.status if record.outcome else None,
                endings=sum(
                    text.startswith(f"order {record.order.id} (")
                    for text in lines.get(record.order.incident, [])
                ),
            )
            for record in await self.orders()
        ]
        ledger = (await self.ground.controller.ledger())[self._before :]
        return problems(orders, incidents, ledger, await self.ground.standins.records())

    async def _written(self) -> bool:
        records = await self.ground.standins.records()
        return all(records[incident.id] for incident in await self.incidents())


async def tried(work: Callable[[], Awaitable[list[str]]]) -> list[str]:
    """The problems that a part of the bench found; an error of its own is one, too."""
    try:
        return await work()
    except (ChimeraError, TimeoutError) as error:
        return [f"the bench could not go on: {type(error).__name__}: {error}"]
