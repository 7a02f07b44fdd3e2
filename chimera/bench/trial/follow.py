"""One case, from the injection to the last thing that can be expected of it."""

from __future__ import annotations

import time

from chimera.bench.ground.calm import Calm
from chimera.bench.ground.clock import until
from chimera.bench.ground.ground import Ground, over
from chimera.bench.trial.cases import Case, Part
from chimera.bench.trial.changes import differences
from chimera.bench.trial.judge import Verdict, judge
from chimera.bench.trial.sight import Named, SeenIncident, SeenOrder, Sight
from chimera.bench.trial.struck import Claim, struck
from chimera.bench.trial.users import users_hit
from chimera.domain import Incident, TargetState
from chimera.platform.store import OrderRecord

AFTERWARDS = 10.0  # seconds in which a second incident may still show itself
CALMING = 60.0  # seconds in which what a repair mended must be calm


class Follower:
    """Watches one case through the store, and approves what asks."""

    def __init__(self, ground: Ground, case: Case, known: set[str]) -> None:
        self._ground, self._case, self._known = ground, case, known
        self._named: dict[str, Named] = {}
        self._blast: dict[str, tuple[Claim, ...]] = {}
        self._then: dict[str, list[Named]] = {}
        self._decided: set[str] = set()  # incidents whose first order is there
        self.incidents: list[Incident] = []
        self.orders: dict[str, list[OrderRecord]] = {}
        self._told: set[str] = set()

    async def look(self) -> bool:
        """See what is new. True when nothing more is to be expected."""
        store = self._ground.store
        self.incidents = await self._ground.since(self._known)
        for incident in self.incidents:
            records = await store.orders(incident=incident.id)
            before = len(self.orders.get(incident.id, []))
            self.orders[incident.id] = sorted(records, key=lambda r: r.order.attempt)
            best = incident.diagnosis.best if incident.diagnosis else None
            if best and before and len(records) > before and self._proved(incident.id, before):
                self._then.setdefault(incident.id, []).append(
                    Named(target=best.target, kind=best.kind, confidence=best.confidence)
                )
            if best and incident.id not in self._decided:
                self._named[incident.id] = Named(
                    target=best.target, kind=best.kind, confidence=best.confidence
                )
                hits = incident.diagnosis.blast if incident.diagnosis else ()
                self._blast[incident.id] = tuple(Claim(name=h.name, state=h.state) for h in hits)
            if records:
                self._decided.add(incident.id)
            self._tell(incident)
        await self._ground.approve_all()
        return self.done()

    def _proved(self, incident: str, orders: int) -> bool:
        """Whether the last of so many orders was a proved repair."""
        outcome = self.orders[incident][orders - 1].outcome
        return outcome is not None and outcome.status == "applied"

    def _tell(self, incident: Incident) -> None:
        named = self._named.get(incident.id)
        lines = [] if incident.id in self._told else [f"{incident.id} opened: {incident.title}"]
        self._told.add(incident.id)
        lines += [f"{incident.id} names {named} ({named.confidence:.0%})"] if named else []
        if incident.diagnosis and not incident.diagnosis.best:
            lines.append(f"{incident.id}: {incident.diagnosis.summary}")
        for record in self.orders[incident.id]:
            order = record.order
            ended = f"{record.outcome.status}: {record.outcome.reason}" if record.outcome else ""
            lines.append(f"{order.id}: {order.runbook} on {order.target} {ended or record.state}")
        for line in lines:
            if line not in self._told:
                self._told.add(line)
                self._ground.say(f"    {line[:220]}")

    async def linger(self) -> None:
        """Watch until the repaired estate is calm, or for a moment if it was not repaired."""
        calm = Calm(self._ground.store)

        async def settled() -> bool:
            await self.look()
            return await calm.look()

        mended = all(self._mended(part) for part in self._case.parts)
        await until(settled, CALMING if mended else AFTERWARDS)

    def done(self) -> bool:
        """Every trouble has its proved repair, or a person has every incident, one per trouble."""
        if self._case.watch:
            return False
        mended = all(self._mended(part) for part in self._case.parts)
        given_up = len(self.incidents) >= len(self._case.parts) and all(map(over, self.incidents))
        return mended or given_up

    def _mended(self, part: Part) -> bool:
        return any(
            (record.order.runbook, record.order.target) == (part.repair, part.target)
            and record.outcome is not None
            and record.outcome.status == "applied"
            for records in self.orders.values()
            for record in records
        )

    def seen(self) -> tuple[SeenIncident, ...]:
        return tuple(
            SeenIncident(
                id=incident.id,
                opened=incident.opened.timestamp(),
                services=incident.services,
                phase=incident.phase.value,
                said=incident.diagnosis.summary if incident.diagnosis else "",
                named=self._named.get(incident.id, Named()),
                blast=self._blast.get(incident.id, ()),
                then=tuple(self._then.get(incident.id, ())),
                orders=tuple(_seen(record) for record in self.orders.get(incident.id, [])),
            )
            for incident in self.incidents
        )


def _seen(record: OrderRecord) -> SeenOrder:
    order, outcome = record.order, record.outcome
    return SeenOrder(
        id=order.id,
        incident=order.incident,
        runbook=order.runbook,
        target=order.target,
        status=outcome.status if outcome else record.state,
        reason=outcome.reason if outcome else "",
    )


async def play(ground: Ground, case: Case, good: dict[str, TargetState], shaky: bool) -> Verdict:
    """Inject, follow, clear, compare, score. The estate was made healthy before."""
    known = await ground.ids()
    before = len(await ground.controller.ledger())
    follower = Follower(ground, case, known)
    injected = time.time()
    await ground.door.inject(case.fault, case.target, case.magnitude, case.duration, case.seed)
    await until(follower.look, case.watch or case.limit)
    if not case.watch:  # a second incident would be told of now
        await follower.linger()
    ended = time.time()
    await ground.door.clear("all")
    ledger = (await ground.controller.ledger())[before:]
    sight = Sight(
        injected=injected,
        ended=ended,
        incidents=follower.seen(),
        ledger=tuple(ledger),
        differences=differences(good, await ground.controller.targets()),
        users_hit=await users_hit(ground.prometheus, injected, ended) if case.parts else None,
        struck=await struck(ground.prometheus, injected, ended) if case.parts else None,
        written={name: node.name for node in ground.estate.nodes for name in node.writes},
        shaky=shaky,
    )
    return judge(case, sight, ground.interval)
