"""What the grouper has made of an incident is told to its workflow, which is started if it is new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from chimera.domain import Event, Incident, IncidentUpdate, Phase
from chimera.flows.incident import IncidentWorkflow
from chimera.flows.incident_state import Closing, IncidentState
from chimera.flows.lesson import Lesson, learn
from chimera.flows.marks import Marks
from chimera.flows.membership import felt, harmless, nodes_of
from chimera.flows.pace import Pace
from chimera.flows.watching import Looked
from chimera.platform.store import Member, Store
from chimera.platform.store.store import TOLD

log = structlog.get_logger()

ANEW = 300  # seconds after which every workflow hears again, so that a lost one is started anew
ANSWER = timedelta(seconds=5)  # Temporal's, to one incident's update


class Heralds:
    """One message an incident and look, and none where nothing has changed."""

    def __init__(self, store: Store, client: Client, task_queue: str, pace: Pace) -> None:
        self._store = store
        self._client = client
        self._task_queue = task_queue
        self._pace = pace

    async def tell(
        self, incident: Incident, members: list[Member], looked: Looked, marks: Marks | None
    ) -> None:
        """Signal an incident's workflow, and start it if this is the first it hears."""
        if incident.merged_into:
            await self._leave(incident, looked.at)
            return
        active = [m for m in members if m.active and not harmless(m)]
        flaps = 0
        if marks:
            flaps = max(marks.returns.within(members), marks.returns.damping(members))
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
