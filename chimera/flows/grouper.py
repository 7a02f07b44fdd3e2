"""The one grouper: signals from the inbox become incidents, and incidents' workflows hear of it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from chimera.detection.grouping import Group, Neighbourhood, Sign, assign
from chimera.domain import (
    Alert,
    Anomaly,
    Estate,
    Event,
    Incident,
    IncidentUpdate,
    Phase,
    Severity,
    SignalKind,
    Symptom,
)
from chimera.flows.incident import IncidentWorkflow
from chimera.flows.incident_state import IncidentState
from chimera.flows.lesson import Lesson, learn
from chimera.flows.pace import Pace
from chimera.flows.watching import Looked
from chimera.platform.observability.alertmanager import NAME, SERVICE_LABELS
from chimera.platform.orchestration.temporal import heartbeating
from chimera.platform.store import Member, Received, Store
from chimera.platform.store.store import TOLD

log = structlog.get_logger()

SYMPTOMS = 60  # of an incident that are kept; the strongest
ANEW = 300  # seconds after which every workflow hears again, so that a lost one is started anew
ANSWER = timedelta(seconds=5)  # Temporal's, to one incident's update
KEPT = timedelta(days=14)  # what grouping remembers of the past
PRUNED = timedelta(hours=1)  # between two prunings
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
        # A retry may begin while the attempt before it has not noticed that it is over.
        self._alone = asyncio.Lock()
        self._pruned: datetime | None = None

    @activity.defn(name="group")
    async def group(self, looked: Looked) -> None:
        """Place what has come in, then tell every incident whose summary changed."""
        async with heartbeating(), self._alone:
            await self._place(await self._store.ungrouped(), looked)
            open_ones = await self._store.incidents(open_only=True, limit=None)
            theirs = await self._members_of_open()
            for incident in reversed(open_ones):
                try:
                    await self._tell(incident, list(theirs[incident.id].values()), looked)
                except Exception as error:  # the others must hear; this one does at the next look
                    log.error(
                        "an incident could not be told", incident=incident.id, error=repr(error)
                    )
            await self._prune(datetime.now(UTC))

    async def _members_of_open(self) -> defaultdict[str, dict[str, Member]]:
        """Incident: its signals by name, for every incident that is open."""
        theirs: defaultdict[str, dict[str, Member]] = defaultdict(dict)
        for member in await self._store.members(of_open=True):
            theirs[member.incident or ""][member.signal] = member
        return theirs

    async def _prune(self, now: datetime) -> None:
        if self._pruned is None or now - self._pruned >= PRUNED:
            self._pruned = now  # first: when it fails, grouping goes on without it
            await self._store.prune(now - KEPT)

    async def _place(self, rows: list[Received], looked: Looked) -> None:
        before = await self._store.members(active=True)
        active = {member.signal: member for member in before}
        touched: dict[str, Member] = {}
        for row in rows:
            try:
                member = _member(row)
                if _began(member).tzinfo is None:
                    raise ValueError(f"its beginning {member.body['began']} has no offset from UTC")
            except (ValueError, LookupError, TypeError) as error:
                # Nothing will ever make sense of it: it goes the way of what was grouped.
                log.error("a signal could not be read", key=row.key, error=repr(error))
                continue
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
        open_ones = await self._store.incidents(open_only=True, limit=None)
        incidents = {i.id: i for i in open_ones}
        theirs = await self._members_of_open()
        for signals in theirs.values():
            signals.update({name: touched[name] for name in signals if name in touched})
        groups = [_group(i.id, theirs[i.id].values(), looked.at) for i in reversed(open_ones)]
        signs = {m.signal: Sign(m.signal, m.service, _began(m)) for m in loose}
        strong = [signs[m.signal] for m in loose if not harmless(m)]
        weak = [signs[m.signal] for m in loose if harmless(m)]
        joined = await asyncio.to_thread(assign, strong, groups, self._near, weak)
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
            now_known = {**theirs[incident_id], **touched}.values()
            fields = summary((m for m in now_known if m.incident == incident_id), self._estate)
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

    async def _tell(self, incident: Incident, members: list[Member], looked: Looked) -> None:
        """Signal an incident's workflow, and start it if this is the first it hears."""
        active = [m for m in members if m.active and not harmless(m)]
        series = Counter(_series(m) for m in members)
        update = IncidentUpdate(
            # The workflow has its own diagnosis, which is the greater part of an incident.
            incident=incident.model_copy(update={"no_data": looked.blind, "diagnosis": None}),
            quiet=not active and not looked.blind,
            flaps=sum(series.values()) - len(series),
            at=looked.at,
        )
        digest = f"{incident.signals}/{len(active)}/{update.quiet}/{update.flaps}/{looked.blind}"
        digest += f"/{int(looked.at.timestamp()) // ANEW}"
        if await self._store.get(TOLD, incident.id) == digest:
            return
        name = await self._store.prefix() + incident.id
        try:
            await self._client.start_workflow(
                IncidentWorkflow.run,
                IncidentState(incident=incident, pace=self._pace),
                id=name,
                task_queue=self._task_queue,
                # One that was terminated or failed begins again; one that ended well does not.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                start_signal="update",
                start_signal_args=[update],
                rpc_timeout=ANSWER,
            )
        except WorkflowAlreadyStartedError:
            await self._close(incident.id, name)
        await self._store.put(TOLD, incident.id, digest)

    async def _close(self, incident: str, name: str) -> None:
        """Its workflow has closed it: so must the record, should it have missed that.

        Usually it was closed in this very moment. A record that says otherwise is older than the
        workflow's end, as a database is that was restored; the workflow's word counts.
        """
        if (await self._store.incident(incident)).phase is Phase.RESOLVED:
            return
        runs = self._client.get_workflow_handle(name, result_type=Incident)
        ended = await runs.result(rpc_timeout=ANSWER)
        over = ended.resolved or datetime.now(UTC)
        await self._store.add_event(
            Event(
                incident=incident,
                key="resolved",
                at=over,
                phase=Phase.RESOLVED,
                text="resolved: its workflow had closed it, and the record had missed that",
            )
        )
        await self._store.change_incident(
            incident, phase=Phase.RESOLVED, resolved=over, close_code=ended.close_code
        )
        await learn(self._store, Lesson(incident=incident, over=over))
        log.warning("an incident was closed as its workflow had left it", incident=incident)


def summary(members: Iterable[Member], estate: Estate) -> dict[str, Any]:
    """The fields of an incident that the grouper owns."""
    everything = list(members)
    symptoms = [symptom(m) for m in sorted(everything, key=_weight)]
    strongest = max(everything, key=lambda m: _strength(m, estate))
    felt = [m for m in everything if m.body.get("symptom") or m.kind == "alert"]
    first = min(symptoms, key=lambda s: s.began)
    services: dict[str, None] = dict.fromkeys(s.service for s in sorted(symptoms, key=_when))
    return {
        "title": title(strongest),
        "service": strongest.service,
        "services": tuple(services),
        "severity": Severity.PAGE if felt else Severity.TICKET,
        "began": first.began,
        "symptoms": tuple(sorted(symptoms[:SYMPTOMS], key=_when)),
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
        wanted |= _whose(alert)
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


def _whose(alert: Alert) -> dict[str, str]:
    """The labels that tell the alert from the same alert of others."""
    labels = alert.labels
    name = next((n for n in SERVICE_LABELS if labels.get(n, "")[:NAME] == alert.service), None)
    whose = {name: labels[name]} if name else {}
    if name != "service" and "instance" in labels:
        whose["instance"] = labels["instance"]
    return whose


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _member(row: Received) -> Member:
    if row.kind == "alert":
        alert = Alert.model_validate(row.body)
        return Member(
            signal=_name(f"alert:{alert.fingerprint}:{alert.began.timestamp():.0f}"),
            kind="alert",
            incident=None,
            service=_name(alert.service),
            active=alert.ended is None,
            changed=row.received,
            body=row.body,
        )
    anomaly = Anomaly.model_validate(row.body)
    return Member(
        signal=_name(anomaly.id),
        kind="anomaly",
        incident=None,
        service=_name(anomaly.service),
        active=not anomaly.over,
        changed=row.received,
        body=row.body,
    )


def _name(text: str) -> str:
    """What fits a column; rows of an earlier release may be longer or hold what Postgres refuses."""
    return text.replace("\0", "")[:NAME]


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


def _weight(member: Member) -> tuple[bool, float, datetime]:
    """Sorts the strongest to the front: what users feel, then what surprises most."""
    felt = bool(member.body.get("symptom")) or member.kind == "alert"
    return not felt, -float(member.body.get("surprise", 0.0)), _began(member)


def _when(symptom: Symptom) -> tuple[datetime, str, str]:
    return symptom.began, symptom.service, symptom.signal


def _group(incident: str, members: Iterable[Member], now: datetime) -> Group:
    """An open incident as grouping sees it: all of its signals, not only those that it shows."""
    group = Group(incident=incident)
    for member in members:
        began, name = _began(member), member.service
        group.services[name] = max(began, group.services.get(name, began))
        if member.active and not harmless(member):
            first, last = group.lasting.get(name, (began, now))
            group.lasting[name] = min(first, began), max(last, began)
    return group
