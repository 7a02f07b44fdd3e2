"""The one fake of the API's tests: a desk that keeps what it was asked, and a world to ask about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chimera.domain import (
    Approval,
    FaultKind,
    Incident,
    NotAllowed,
    Order,
    Plan,
    Principal,
    Refused,
    Risk,
    RunbookCard,
    Trust,
    Unavailable,
)
from chimera.flows.doubting import Doubting
from chimera.flows.hearing import Hearing
from chimera.flows.trusting import Trusting
from chimera.platform.identity.people import People, Person, hashed
from chimera.platform.store.records import OrderRecord
from chimera.platform.store.store import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OPERATOR, APPROVER, VIEWER = "operator-token", "approver-token", "viewer-token"

CARD = RunbookCard(
    name="restart_service",
    summary="Restart a service.",
    risk=Risk.LOW,
    reversible=False,
    mends=(FaultKind.MEMORY,),
    parameters={"properties": {"service": {"type": "string"}}, "required": ["service"]},
)


def people() -> People:
    return People(
        (
            Person(id="ola", name="Ola", roles=("operator",), tokens=(hashed(OPERATOR),)),
            Person(id="ana", name="Ana", roles=("approver",), tokens=(hashed(APPROVER),)),
            Person(id="vi", roles=("viewer",), tokens=(hashed(VIEWER),)),
        )
    )


def incident(number: int = 1, **changes: Any) -> Incident:
    values: dict[str, Any] = {
        "id": f"INC-{number}",
        "title": "checkout <b>is</b> slow",
        "service": "checkout",
        "services": ("checkout",),
        "began": NOW,
        "opened": NOW,
    }
    return Incident(**values | changes)


def order(requested_by: str = "chimera") -> Order:
    return Order(
        id="INC-1/1",
        incident="INC-1",
        attempt=1,
        runbook="restart_service",
        parameters={"service": "checkout"},
        target="checkout",
        reason="it leaks",
        requested_by=requested_by,
        created=NOW,
        expires=NOW + timedelta(minutes=30),
    )


def plan(order_id: str = "INC-1/1") -> Plan:
    return Plan(
        order_id=order_id,
        runbook="restart_service",
        target="checkout",
        environment="default",
        parameters={"service": "checkout"},
        risk=Risk.LOW,
        reversible=False,
        does="restarts checkout",
        undo="there is no way back",
    )


class FakeDesk(Hearing, Doubting, Trusting):
    """Applies the simplest rules of the real one, and keeps every wish."""

    def __init__(self, store: Store) -> None:
        self.store = self._store = store
        self.asked: list[tuple[Any, ...]] = []
        self.temporal_is_away = False
        self._level = lambda environment, runbook: Trust.ACT

    def need(self, who: Principal, *roles: str) -> None:
        if not who.has(*roles):
            raise NotAllowed(f"{who.id} has none of the roles {', '.join(roles)}; ask one who has")

    async def acknowledge(self, incident_id: str, who: Principal) -> None:
        self.need(who, "operator", "approver")
        found = await self.store.incident(incident_id)
        await self.store.save_incident(found.model_copy(update={"acknowledged_by": who.id}))

    async def hand_over(
        self, incident_id: str, to: str, note: str, who: Principal, dry_run: bool = False
    ) -> str:
        self.need(who, "operator", "approver")
        self.asked.append(("hand_over", incident_id, to, note, who.id, dry_run))
        return to or who.id

    async def resolve(self, incident_id: str, who: Principal, note: str) -> None:
        self.asked.append(("resolve", incident_id, who.id, note))

    async def answer(
        self, order_id: str, plan_hash: str, granted: bool, note: str, who: Principal
    ) -> Approval:
        self.need(who, "approver")
        record = await self.store.order(order_id)
        if record.plan is None or record.plan.hash != plan_hash:
            raise Refused(f"the plan of {order_id} has changed; look at it again")
        self.asked.append(("answer", order_id, granted, note, who.id))
        return Approval(
            order_id=order_id,
            approver=who.id,
            granted=granted,
            note=note,
            plan_hash=plan_hash,
            at=NOW,
            expires=NOW + timedelta(minutes=5),
        )

    async def run_runbook(
        self,
        name: str,
        parameters: dict[str, str],
        target: str,
        reason: str,
        who: Principal,
        dry_run: bool = False,
    ) -> Order | Plan:
        self.need(who, "operator")
        self.asked.append(("run", name, target, reason, who.id, dry_run))
        return plan("dry-run") if dry_run else order(who.id)

    async def pause(self, environment: str, reason: str, who: Principal) -> None:
        self.need(who, "operator", "approver")
        await self.store.pause(environment, who.id, reason)

    async def resume(self, environment: str, who: Principal) -> None:
        self.need(who, "operator", "approver")
        await self.store.resume(environment, who.id)

    async def status(self) -> dict[str, Any]:
        if self.temporal_is_away:
            raise Unavailable("Temporal", "answer")
        pauses = await self.store.pauses()
        return {
            "environment": "default",
            "paused": [pause.model_dump(mode="json") for pause in pauses.values()],
            "hushed": await self.hushed(),
            "open_incidents": [
                {"id": i.id, "title": i.title, "phase": i.phase.value}
                for i in await self.store.incidents(open_only=True)
            ],
            "waiting_orders": [r.order.id for r in await self.store.orders(state="waiting")],
            "running_orders": [],
        }


async def furnish(store: Store) -> None:
    """One open incident with an order that waits."""
    await store.save_incident(incident())
    await store.save_order(OrderRecord(order=order(), plan=plan(), state="waiting"))
