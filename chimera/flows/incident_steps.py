"""The activities behind `IncidentWorkflow`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field
from temporalio import activity

from chimera.domain import (
    CHIMERA,
    BadSignature,
    Diagnosis,
    Event,
    Finding,
    Incident,
    Order,
    SignalKind,
    Symptom,
)
from chimera.domain.base import Value
from chimera.flows.postmortem import postmortem
from chimera.platform.identity.signing import Signer
from chimera.platform.orchestration.temporal import heartbeating
from chimera.platform.store import Store

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


class Lesson(Value):
    """An incident that is over; `by_person`: somebody said so, whatever the metrics say."""

    incident: str
    by_person: bool = False


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
        return [self.investigate, self.propose, self.save, self.learn]

    @activity.defn(name="investigate")
    async def investigate(self, look: Look) -> Diagnosis:
        async with heartbeating():
            return await self._investigate(look.incident, look.tried)

    @activity.defn(name="propose")
    async def propose(self, proposal: Proposal) -> Order:
        """The finding as a signed order. The same attempt is the same order."""
        incident, finding = proposal.incident, proposal.finding
        asking = activity.info().workflow_id
        if asking != await self._store.prefix() + incident.id:
            # Whoever reaches Temporal could have Chimera sign what they like.
            raise BadSignature(f"an order for {incident.id} is asked for by {asking}")
        now = datetime.now(UTC)
        return self._signer.sign(
            Order(
                id=f"{incident.id}/{proposal.attempt}",
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
                symptoms=proof_of(incident.symptoms),
                created=now,
                expires=now + self._order_life,
            )
        )

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
        """Write the post-mortem; it is searched the next time."""
        name = lesson.incident
        incident = await self._store.incident(name)
        orders = await self._store.orders(incident=name)
        events = await self._store.events(name)
        await self._store.save_postmortem(name, postmortem(incident, events, orders))
        if not lesson.by_person:
            # What began while it was being closed is a trouble of its own.
            await self._store.release_members(name)
        return incident


def proof_of(symptoms: tuple[Symptom, ...]) -> tuple[Symptom, ...]:
    """What a repair is proved by: what users feel; else the cause's own metrics."""
    felt = [s for s in symptoms if s.felt and s.kind not in NO_PROOF]
    rest = [s for s in symptoms if s.kind not in NO_PROOF]
    chosen: dict[tuple[str, str, str], Symptom] = {}
    for symptom in felt or rest or list(symptoms):
        # The same series can have been abnormal twice: its newest band counts.
        chosen[symptom.signal, symptom.service, str(sorted(symptom.labels.items()))] = symptom
    return tuple(list(chosen.values())[:PROOF])
