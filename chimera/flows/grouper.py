"""The one grouper: signals from the inbox become incidents, and incidents' workflows hear of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from chimera.detection.grouping import Group, Neighbourhood, Sign, assign
from chimera.domain import (
    Alert,
    Anomaly,
    Estate,
    Incident,
    IncidentUpdate,
    Severity,
    SignalKind,
    Symptom,
)
from chimera.flows.incident import IncidentWorkflow, Opened
from chimera.flows.pace import Pace
from chimera.flows.watching import Looked
from chimera.platform.orchestration.temporal import heartbeating
from chimera.platform.store import Member, Received, Store

SYMPTOMS = 60  # of an incident that are kept; the strongest
# More work, and a change of schema that hurts nobody, are no trouble: they join an incident and
# open none.
HARMLESS_UP = frozenset({SignalKind.TRAFFIC, SignalKind.VOLUME})


class Grouper:
    """Decides membership; run by one schedule, so there is one at a time."""

    def __init__(
        self,
        store: Store,
        client: Client,
        task_queue: str,
        estate: Estate,
        pace: Pace,
        environment: str,
    ) -> None:
        self._store = store
        self._client = client
        self._task_queue = task_queue
        self._estate = estate
        self._near = Neighbourhood(estate)
        self._pace = pace
        self._environment = environment

    @activity.defn(name="group")
    async def group(self, looked: Looked) -> None:
        """Place what has come in, then tell every incident whose summary changed."""
        async with heartbeating():
            await self._place(await self._store.ungrouped())
            for incident in await self._store.incidents(open_only=True, limit=500):
                await self._tell(incident, looked)

    async def _place(self, rows: list[Received]) -> None:
        before = await self._store.members(active=True)
        active = {member.signal: member for member in before}
        touched: dict[str, Member] = {}
        for row in rows:
            member = _member(row)
            known = touched.get(member.signal) or active.get(member.signal)
            if known:
                # The body stays as it began: what was odd then is what people read.
                still = {"active": member.active, "changed": member.changed}
                member = known.model_copy(update=still)
            elif not member.active:
                continue  # ended before anybody saw it begin
            touched[member.signal] = member
        loose = [
            member
            for member in {**active, **touched}.values()
            if member.incident is None and member.active
        ]
        if not rows and not loose:
            return
        incidents = {i.id: i for i in await self._store.incidents(open_only=True, limit=500)}
        groups = [
            Group(incident=i.id, services=_services(i))
            for i in sorted(incidents.values(), key=lambda i: i.opened)
        ]
        signs = {m.signal: Sign(m.signal, m.service, _began(m)) for m in loose}
        strong = [signs[m.signal] for m in loose if not harmless(m)]
        weak = [signs[m.signal] for m in loose if harmless(m)]
        joined = assign(strong, groups, self._near)
        for sign in weak:
            home = next((g for g in groups if self._near.related(sign, g)), None)
            if home:
                home.signs.append(sign.id)
                joined = joined if home in joined else [*joined, home]
        opened: list[str] = []
        members = {m.signal: m for m in (*before, *touched.values())}
        for group in joined:
            if group.incident is None:
                group.incident = await self._store.next_incident()
                opened.append(group.incident)
            for signal in group.signs:
                member = members[signal].model_copy(update={"incident": group.incident})
                touched[signal] = members[signal] = member
        ids = {group.incident for group in joined} | {m.incident for m in touched.values()}
        changed: dict[str, dict[str, Any]] = {}
        new: list[Incident] = []
        for incident_id in sorted(i for i in ids if i):
            if incident_id not in incidents and incident_id not in opened:
                continue  # resolved: it absorbs nothing more
            everything = {m.signal: m for m in await self._store.members(incident=incident_id)}
            everything |= {s: m for s, m in touched.items() if m.incident == incident_id}
            fields = summary(everything.values(), self._estate)
            if incident_id in opened:
                now = datetime.now(UTC)
                new.append(
                    Incident(id=incident_id, environment=self._environment, opened=now, **fields)
                )
            else:
                if fields["severity"] is incidents[incident_id].severity:
                    # What people know it by stays, unless it turns out to be worse.
                    del fields["title"], fields["service"]
                changed[incident_id] = fields
        await self._store.grouped([row.id for row in rows], touched.values(), new, changed)

    async def _tell(self, incident: Incident, looked: Looked) -> None:
        """Signal an incident's workflow, and start it if this is the first it hears."""
        members = await self._store.members(incident=incident.id)
        active = [m for m in members if m.active and not harmless(m)]
        series = Counter(_series(m) for m in members)
        update = IncidentUpdate(
            incident=incident.model_copy(update={"no_data": looked.blind}),
            quiet=not active and not looked.blind,
            flaps=sum(series.values()) - len(series),
            at=looked.at,
        )
        digest = f"{incident.signals}/{len(active)}/{update.quiet}/{update.flaps}/{looked.blind}"
        if await self._store.get("told", incident.id) == digest:
            return
        try:
            await self._client.start_workflow(
                IncidentWorkflow.run,
                Opened(incident=update.incident, pace=self._pace),
                id=await self._store.prefix() + incident.id,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                start_signal="update",
                start_signal_args=[update],
            )
        except WorkflowAlreadyStartedError:
            # It resolved in this very moment: what joined it goes into a new one.
            late = [m.model_copy(update={"incident": None}) for m in active]
            await self._store.grouped([], late, [], {})
        await self._store.put("told", incident.id, digest)


def summary(members: Iterable[Member], estate: Estate) -> dict[str, Any]:
    """The fields of an incident that the grouper owns."""
    everything = list(members)
    symptoms = sorted(
        (symptom(m) for m in everything), key=lambda s: (s.began, s.service, s.signal)
    )
    strongest = max(everything, key=lambda m: _strength(m, estate))
    felt = [m for m in everything if m.body.get("symptom") or m.kind == "alert"]
    first = min(symptoms, key=lambda s: s.began)
    services: dict[str, None] = dict.fromkeys(s.service for s in symptoms)
    return {
        "title": title(strongest),
        "service": strongest.service,
        "services": tuple(services),
        "severity": Severity.PAGE if felt else Severity.TICKET,
        "began": first.began,
        "symptoms": tuple(symptoms[:SYMPTOMS]),
        "signals": len(everything),
    }


def title(member: Member) -> str:
    """What a person reads first, from the strongest signal."""
    if member.kind == "alert":
        return f"{member.service}: {Alert.model_validate(member.body).name}"
    anomaly = Anomaly.model_validate(member.body)
    what = anomaly.signal.replace("_", " ")
    if dataset := anomaly.labels.get("dataset"):
        what = f"{what} of {dataset}"
    if anomaly.direction == "missing":
        return f"{anomaly.service}: {what} is missing"
    return (
        f"{anomaly.service}: {what} is {anomaly.observed:.3g}, "
        f"expected {anomaly.low:.3g} to {anomaly.high:.3g}"
    )


def symptom(member: Member) -> Symptom:
    """The query that raised a signal, with the band in which it is healthy."""
    if member.kind == "alert":
        alert = Alert.model_validate(member.body)
        wanted = {"alertname": alert.name, "alertstate": "firing"}
        if "service" in alert.labels:
            wanted["service"] = alert.service
        matchers = ",".join(f'{k}="{_escaped(v)}"' for k, v in wanted.items())
        return Symptom(
            signal=f"alert {alert.name}",
            kind=SignalKind.OTHER,
            service=alert.service,
            query=f"ALERTS{{{matchers}}}",
            began=alert.began,
        )
    anomaly = Anomaly.model_validate(member.body)
    return Symptom(
        signal=anomaly.signal,
        kind=anomaly.kind,
        service=anomaly.service,
        labels=anomaly.labels,
        query=anomaly.query,
        low=anomaly.low,
        high=anomaly.high,
        observed=anomaly.observed,
        began=anomaly.began,
        direction=anomaly.direction,
        felt=anomaly.symptom,
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _member(row: Received) -> Member:
    if row.kind == "alert":
        alert = Alert.model_validate(row.body)
        return Member(
            signal=f"alert:{alert.fingerprint}:{alert.began.timestamp():.0f}",
            kind="alert",
            incident=None,
            service=alert.service,
            active=alert.ended is None,
            changed=row.received,
            body=row.body,
        )
    anomaly = Anomaly.model_validate(row.body)
    return Member(
        signal=anomaly.id,
        kind="anomaly",
        incident=None,
        service=anomaly.service,
        active=not anomaly.over,
        changed=row.received,
        body=row.body,
    )


def _began(member: Member) -> datetime:
    return datetime.fromisoformat(member.body["began"])


def harmless(member: Member) -> bool:
    """Whether this alone is no trouble: it joins an incident, and keeps none open."""
    if member.kind == "alert" or member.body.get("symptom"):
        return False
    kind = SignalKind(member.body["kind"])
    return kind is SignalKind.SCHEMA or (kind in HARMLESS_UP and member.body["direction"] == "up")


def _series(member: Member) -> tuple[str, ...]:
    if member.kind == "alert":
        return (member.body["fingerprint"],)
    labels = sorted(member.body.get("labels", {}).items())
    return (member.body["signal"], member.service, *(f"{k}={v}" for k, v in labels))


def _strength(member: Member, estate: Estate) -> tuple[bool, int, float]:
    node = estate.node(member.service)
    felt = bool(member.body.get("symptom")) or member.kind == "alert"
    return felt, -(node.tier if node else 9), float(member.body.get("surprise", 0.0))


def _services(incident: Incident) -> dict[str, datetime]:
    last: dict[str, datetime] = defaultdict(lambda: incident.began)
    for one in incident.symptoms:
        last[one.service] = max(last[one.service], one.began)
    return dict(last)
