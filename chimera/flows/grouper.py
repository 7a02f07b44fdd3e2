"""The one grouper: signals from the inbox become incidents, and incidents' workflows hear of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from chimera.detection.grouping import Neighbourhood, Sign, assign
from chimera.detection.holding import Holds
from chimera.detection.impact import Burning
from chimera.domain import (
    Estate,
    Event,
    Incident,
    IncidentUpdate,
    Phase,
    Planned,
    sway,
)
from chimera.domain.alerting import FEEDBACK_LIFE
from chimera.flows.incident import IncidentWorkflow
from chimera.flows.incident_state import Closing, IncidentState
from chimera.flows.lesson import Lesson, learn
from chimera.flows.marks import Marks, Returns, odd
from chimera.flows.membership import (
    began,
    felt,
    group_of,
    harmless,
    member_of,
    nodes_of,
    series,
    signal_of,
    summary,
    weighed,
)
from chimera.flows.moving import Moving
from chimera.flows.pace import Pace
from chimera.flows.said import have_told, news, remark
from chimera.flows.watching import Looked
from chimera.platform.orchestration.temporal import heartbeating
from chimera.platform.settings import Freeze
from chimera.platform.store import Member, Received, Store
from chimera.platform.store.store import TOLD

log = structlog.get_logger()

ANEW = 300  # seconds after which every workflow hears again, so that a lost one is started anew
ANSWER = timedelta(seconds=5)  # Temporal's, to one incident's update
KEPT = timedelta(days=14)  # what grouping remembers of the past
PRUNED = timedelta(hours=1)  # between two prunings
FLAP_WINDOW = timedelta(minutes=30)  # in which the returns of a signal are counted


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
        planned: Sequence[Planned] = (),
        freezes: Sequence[Freeze] = (),
        burning: Burning | None = None,
    ) -> None:
        self._store = store
        self._client = client
        self._task_queue = task_queue
        self._estate = estate
        self._near = Neighbourhood(estate)
        self._pace = pace
        self._environment = environment
        self._planned = planned
        self._freezes = freezes
        self._burning = burning
        self._moving = Moving(store, client, task_queue, estate, environment)
        # A retry may begin while the attempt before it has not noticed that it is over.
        self._alone = asyncio.Lock()
        self._pruned: datetime | None = None

    @activity.defn(name="group")
    async def group(self, looked: Looked) -> None:
        """Place what has come in, then tell every incident whose summary changed."""
        async with heartbeating(), self._alone:
            rates = await self._rates()
            await self._moving.all_that_was_asked(rates)
            silences = await self._store.silences(looked.at)
            holds = Holds(looked.at, silences, self._planned)
            await self._place(await self._store.ungrouped(), looked, holds, rates)
            open_ones = await self._store.incidents(open_only=True, limit=None)
            theirs = await self._members_of_open()
            marks = await self._marks(holds) if open_ones else None
            for incident in reversed(open_ones):
                try:
                    members = list(theirs[incident.id].values())
                    if marks and members:
                        incident = await self._mark(incident, members, marks, rates)
                    await self._tell(incident, members, looked, marks)
                except Exception as error:  # the others must hear; this one does at the next look
                    log.error(
                        "an incident could not be told", incident=incident.id, error=repr(error)
                    )
            await self._moving.tell_what_is_untold()
            await self._prune(datetime.now(UTC))

    async def _rates(self) -> Mapping[str, float]:
        """Burn rates by node. What cannot be read raises no priority, and stops nothing."""
        if self._burning is None:
            return {}
        try:
            return await self._burning()
        except Exception as error:
            log.warning("burn rates could not be read", error=repr(error))
            return {}

    async def _marks(self, holds: Holds) -> Marks:
        since = holds.at - FLAP_WINDOW
        return Marks(
            holds,
            self._environment,
            tuple(self._freezes),
            sway(await self._store.votes(holds.at - FEEDBACK_LIFE), holds.at),
            Returns.of(await self._store.members(changed_since=since)),
        )

    async def _mark(
        self, incident: Incident, members: list[Member], marks: Marks, rates: Mapping[str, float]
    ) -> Incident:
        """Bring on record what changes without a new signal: priority, silences, windows."""
        priority, why = weighed(members, self._estate, rates, incident.service)
        now = {"priority": priority, "impact": why, "marks": marks.on(incident, members)}
        changed = {k: v for k, v in now.items() if getattr(incident, k) != v}
        if not changed:
            return incident
        heard = await self._store.get(TOLD, incident.id) is not None  # else its opening tells
        if heard and (said := news(incident, incident.model_copy(update=changed))):
            # First: what is on record is not news any more.
            key = f"now-{marks.holds.at.timestamp():.3f}"
            notice = remark(incident.model_copy(update=changed), key, *said)
            line = Event(
                incident=incident.id,
                key=key,
                at=marks.holds.at,
                phase=incident.phase,
                text=": ".join(said),
            )
            await self._store.add_event(line)
            prefix = await self._store.prefix()
            await have_told(self._client, self._task_queue, prefix, notice)
        return await self._store.change_incident(incident.id, **changed)

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

    async def _place(
        self, rows: list[Received], looked: Looked, holds: Holds, rates: Mapping[str, float]
    ) -> None:
        before = await self._store.members(active=True)
        active = {member.signal: member for member in before}
        alerts = {series(m): m.signal for m in before if m.kind == "alert"}
        touched: dict[str, Member] = {}
        for row in rows:
            try:
                member = member_of(row)
                if began(member).tzinfo is None:
                    raise ValueError(f"its beginning {member.body['began']} has no offset from UTC")
            except (ValueError, LookupError, TypeError) as error:
                # Nothing will ever make sense of it: it goes the way of what was grouped.
                log.error("a signal could not be read", key=row.key, error=repr(error))
                continue
            known = touched.get(member.signal) or active.get(member.signal)
            if known is None and (name := alerts.get(series(member))):
                # The peers of a pair may date one alert differently; it is one, and ends once.
                known = touched.get(name) or active[name]
                if not known.active:
                    known = None
            if known:
                # The body stays as it began: what was odd then is what people read.
                still = {"active": member.active, "changed": member.changed}
                member = known.model_copy(update=still)
            elif not member.active:
                continue  # ended before anybody saw it begin
            touched[member.signal] = member
            if member.kind == "alert":
                alerts[series(member)] = member.signal
        loose = []
        for member in {**active, **touched}.values():
            if member.incident is None and member.active:
                held = holds.on(odd(member, self._environment))
                if held != member.held:
                    member = member.model_copy(update={"held": held})
                    touched[member.signal] = member
                if held is None:
                    loose.append(member)
        if not rows and not loose and not touched:
            return
        open_ones = await self._store.incidents(open_only=True, limit=None)
        incidents = {i.id: i for i in open_ones}
        theirs = await self._members_of_open()
        for signals in theirs.values():
            signals.update({name: touched[name] for name in signals if name in touched})
        groups = [group_of(i.id, theirs[i.id].values(), looked.at) for i in reversed(open_ones)]
        signs = {m.signal: Sign(m.signal, m.service, began(m), signal_of(m)) for m in loose}
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
            theirs_now = (m for m in now_known if m.incident == incident_id)
            fields = summary(theirs_now, self._estate, rates)
            if incident_id in opened:
                now = datetime.now(UTC)
                new.append(
                    Incident(id=incident_id, environment=self._environment, opened=now, **fields)
                )
            else:
                if fields["severity"] is incidents[incident_id].severity:
                    # What people know it by stays, unless it turns out to be worse.
                    del fields["title"], fields["service"], fields["leading"]
                changed[incident_id] = fields
        await self._store.grouped([row.id for row in rows], touched.values(), new, changed)

    async def _tell(
        self, incident: Incident, members: list[Member], looked: Looked, marks: Marks | None
    ) -> None:
        """Signal an incident's workflow, and start it if this is the first it hears."""
        if incident.merged_into:
            await self._leave(incident, looked.at)
            return
        active = [m for m in members if m.active and not harmless(m)]
        flaps = len(members) - len({series(m) for m in members})
        if marks:
            flaps = max(flaps, marks.returns.damping(members))
        update = IncidentUpdate(
            # The workflow has its own diagnosis, which is the greater part of an incident.
            incident=incident.model_copy(update={"no_data": looked.blind, "diagnosis": None}),
            quiet=not active and not looked.blind,
            showing=nodes_of(active),
            hurting=nodes_of(m for m in active if felt(m)),
            flaps=flaps,
            at=looked.at,
        )
        digest = f"{incident.signals}/{len(active)}/{update.quiet}/{update.flaps}/{looked.blind}"
        digest += f"/{update.showing}/{update.hurting}/{incident.priority}/{incident.impact}"
        digest += f"/{'; '.join(incident.marks)}"
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

    async def _leave(self, incident: Incident, at: datetime) -> None:
        """Its signals were merged into another: its workflow ends by the person's word."""
        digest = f"merged/{int(at.timestamp()) // ANEW}"  # an order may hold it up for hours
        if await self._store.get(TOLD, incident.id) == digest:
            return
        move = await self._store.merged(incident.id)
        name = await self._store.prefix() + incident.id
        closing = Closing(
            by=move.by if move else "chimera",
            note=f"merged into {incident.merged_into}",
            at=move.at if move else None,
        )
        try:
            handle = self._client.get_workflow_handle(name)
            await handle.signal(IncidentWorkflow.resolve, closing, rpc_timeout=ANSWER)
            await self._store.put(TOLD, incident.id, digest)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            await self._close(incident.id, name)

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
