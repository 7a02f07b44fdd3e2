"""A door that writes down what is asked for: real plans, real rights, and nothing happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chimera.domain import Estate, NotFound, Order, Plan, Principal
from chimera.flows.conversation.door import aim
from chimera.flows.handing import owners, taken_by
from chimera.flows.hearing import need
from chimera.runbooks.base import Runbook


class WrittenDoor:
    """Orders as data: (runbook, target, parameters, person)."""

    def __init__(
        self,
        runbooks: Mapping[str, Runbook[Any]],
        estate: Estate,
        now: datetime,
        people: Sequence[Principal] = (),
    ) -> None:
        self._runbooks, self._estate, self._now = runbooks, estate, now
        self._people = {one.id: one.name for one in people}
        self.placed: list[tuple[str, str, dict[str, str], str]] = []

    async def plan(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, who: Principal
    ) -> Plan:
        need(who, "operator", to=f"run {runbook}")
        if runbook not in self._runbooks:
            raise NotFound(f"there is no runbook {runbook!r}")
        order = Order(
            id=f"MAN-{len(self.placed):08x}/1",
            incident=f"MAN-{len(self.placed):08x}",
            attempt=1,
            runbook=runbook,
            parameters=parameters,
            target=aim(runbook, parameters, target),
            environment=self._estate.environment,
            reason=reason,
            requested_by=who.id,
            created=self._now,
            expires=self._now + timedelta(hours=1),
        )
        return self._runbooks[runbook].plan(order, self._estate)

    async def propose(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, who: Principal
    ) -> str:
        plan = await self.plan(runbook, parameters, target, reason, who)
        self.placed.append((runbook, target, dict(parameters), who.id))
        return plan.order_id

    async def answer(
        self, order: str, plan_hash: str, granted: bool, note: str, who: Principal
    ) -> None:
        need(who, "approver", to=f"answer order {order}")
        self.placed.append(("approve" if granted else "deny", order, {}, who.id))

    async def pause(self, environment: str, reason: str, who: Principal) -> None:
        need(who, "operator", "approver", to="pause changes")
        self.placed.append(("pause", environment.replace("*", ""), {}, who.id))

    async def resume(self, environment: str, who: Principal) -> None:
        need(who, "operator", "approver", to="resume changes")
        self.placed.append(("resume", environment.replace("*", ""), {}, who.id))

    async def acknowledge(self, incident: str, who: Principal) -> None:
        need(who, "operator", "approver", to=f"acknowledge {incident}")
        self.placed.append(("acknowledge", incident, {}, who.id))

    async def resolve(self, incident: str, note: str, who: Principal) -> None:
        need(who, "operator", "approver", to=f"resolve {incident}")
        self.placed.append(("resolve", incident, {}, who.id))

    async def hand_over(
        self, incident: str, to: str, note: str, who: Principal, dry_run: bool = False
    ) -> str:
        need(who, "operator", "approver", to=f"hand over {incident}")
        taker = taken_by(to, who, self._people, owners(self._estate))
        if not dry_run:
            self.placed.append(("hand_over", incident, {"to": taker}, who.id))
        return taker

    async def veto(self, incident: str, cause: str, note: str, who: Principal) -> str:
        """Feedback is no order: it is not among them."""
        need(who, "operator", "approver", to=f"veto the cause of {incident}")
        return cause
