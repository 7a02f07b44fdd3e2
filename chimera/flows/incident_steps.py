"""The activities behind `IncidentWorkflow`."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from chimera.domain import (
    CHIMERA,
    BadSignature,
    Diagnosis,
    Event,
    Finding,
    Incident,
    NotFound,
    Order,
    Outcome,
    Phase,
    SignalKind,
    Symptom,
    data_nodes,
)
from chimera.domain.base import Value
from chimera.flows.lesson import Lesson, learn
from chimera.platform.identity.signing import Signer
from chimera.platform.orchestration.temporal import heartbeating
from chimera.platform.store import OrderRecord, Store

PROOF = 12  # symptoms an order is proved by, at most
# They tell of the cause or of more work, and need not go back for the trouble to be over.
NO_PROOF = frozenset({SignalKind.TRAFFIC, SignalKind.SCHEMA, SignalKind.VOLUME, SignalKind.CPU})

Investigate = Callable[[Incident, tuple[tuple[str, str], ...]], Awaitable[Diagnosis]]


class Look(Value):
    incident: Incident
    tried: tuple[tuple[str, str], ...] = ()  # (runbook, target) that did not help


class Proposal(Value):
    incident: Incident
    finding: Finding
    attempt: int


class LeftBehind(Value):
    """What a workflow that was lost has on record."""

    phase: Phase
    orders: tuple[OrderRecord, ...] = ()  # the oldest first


class Record(Value):
    """A line of the timeline and the incident's fields that change with it."""

    incident: str
    event: Event | None = None
    changes: dict[str, Any] = Field(default_factory=dict)


class IncidentSteps:
    """Everything an incident needs looked up and kept; one instance a worker."""

    def __init__(
        self, investigate: Investigate, store: Store, signer: Signer, order_life: timedelta
    ) -> None:
        self._investigate = investigate
        self._store = store
        self._signer = signer
        self._order_life = order_life

    def activities(self) -> list[Any]:
        return [
            self.investigate,
            self.propose,
            self.left_behind,
            self.order_ended,
            self.save,
            self.learn,
        ]

    @activity.defn(name="investigate")
    async def investigate(self, look: Look) -> Diagnosis:
        async with heartbeating():
            return await self._investigate(look.incident, look.tried)

    @activity.defn(name="propose")
    async def propose(self, proposal: Proposal) -> Order:
        """The finding as a signed order, on record. The same attempt is the same order."""
        incident, finding = proposal.incident, proposal.finding
        await self._asked_by(incident.id, f"an order for {incident.id}")
        name = f"{incident.id}/{proposal.attempt}"
        with contextlib.suppress(NotFound):
            return (await self._store.order(name)).order
        now = datetime.now(UTC)
        order = self._signer.sign(
            Order(
                id=name,
                incident=incident.id,
                attempt=proposal.attempt,
                runbook=finding.runbook or "",
                parameters=finding.parameters,
                target=finding.target or "",
                environment=incident.environment,
                reason=finding.cause or "",
                requested_by=CHIMERA.id,
                evidence=tuple(e.id for e in finding.evidence),
                trusted_grounds=any(not e.untrusted for e in finding.evidence),
                symptoms=proof_of(incident.symptoms, finding.elsewhere),
                created=now,
                expires=now + self._order_life,
            )
        )
        await self._store.save_order(OrderRecord(order=order))
        return order

    async def _asked_by(self, incident: str, what: str) -> None:
        """Raises BadSignature unless the incident's own workflow asks.

        Whoever reaches Temporal could have Chimera sign what they like.
        """
        asking = activity.info().workflow_id
        if asking != await self._store.prefix() + incident:
            raise BadSignature(f"{what} is asked for by {asking}")

    @activity.defn(name="left_behind")
    async def left_behind(self, incident: str) -> LeftBehind:
        """Where the incident was, and its orders."""
        orders = await self._store.orders(incident=incident)
        phase = (await self._store.incident(incident)).phase
        return LeftBehind(phase=phase, orders=tuple(reversed(orders)))

    @activity.defn(name="order_ended")
    async def order_ended(self, order: Order) -> Outcome:
        """Wait for the end of an order whose workflow has begun.

        One that was ended from outside has no outcome of its own. It gets one, by how far it had
        come; its target is held on, since nobody knows what still happens there.
        """
        await self._asked_by(order.incident, f"the outcome of {order.id}")
        name = await self._store.prefix() + order.id
        runs = activity.client().get_workflow_handle(name, result_type=Outcome)
        async with heartbeating():
            try:
                outcome: Outcome = await runs.result()
                return outcome
            except WorkflowFailureError as failure:
                why = f"its workflow was ended from outside ({failure.cause})"
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                why = "Temporal has lost its workflow"
        record = await self._store.order(order.id)
        if record.outcome:
            return record.outcome
        changing = record.state == "running"
        settled = Outcome(
            order_id=order.id,
            status="unverified" if changing else "refused",
            reason=f"{why} {'while it ran' if changing else 'before it changed anything'}",
            at=datetime.now(UTC),
            decision=record.decision,
            approved_by=record.approval.approver if record.approval else None,
        )
        await self._store.change_order(order.id, state="done", outcome=settled)
        return settled

    @activity.defn(name="save")
    async def save(self, record: Record) -> None:
        if record.changes:
            # Through JSON and back: what arrives here are plain values.
            known = (await self._store.incident(record.incident)).model_dump(mode="json")
            incident = Incident.model_validate({**known, **record.changes})
            fields = {name: getattr(incident, name) for name in record.changes}
            await self._store.change_incident(record.incident, **fields)
        if record.event:
            await self._store.add_event(record.event)

    @activity.defn(name="learn")
    async def learn(self, lesson: Lesson) -> Incident:
        """Write the post-mortem, which is searched the next time, and let go of what came later."""
        return await learn(self._store, lesson)


def proof_of(symptoms: tuple[Symptom, ...], elsewhere: Collection[str] = ()) -> tuple[Symptom, ...]:
    """What a repair is proved by: what users feel; else the cause's own metrics.

    Not by what shows `elsewhere`, at nodes whose trouble has another cause; and by an alert only
    where nothing else tells: its rule looks minutes back, and still fires when all is well again.
    """
    symptoms = tuple(s for s in symptoms if shown_at(s).isdisjoint(elsewhere)) or symptoms
    measured = tuple(s for s in symptoms if not s.query.startswith("ALERTS{"))
    if any(s.kind not in NO_PROOF for s in measured):
        symptoms = measured
    felt = [s for s in symptoms if s.felt and s.kind not in NO_PROOF]
    rest = [s for s in symptoms if s.kind not in NO_PROOF]
    chosen: dict[tuple[str, str, str], Symptom] = {}
    for symptom in felt or rest or list(symptoms):
        # The same series can have been abnormal twice: its newest band counts.
        chosen[symptom.signal, symptom.service, str(sorted(symptom.labels.items()))] = symptom
    return tuple(list(chosen.values())[:PROOF])


def shown_at(symptom: Symptom) -> set[str]:
    """The estate's nodes whose trouble it may be."""
    return {symptom.service, *data_nodes(symptom.labels)}
