"""What people do, wherever they do it: API, chat and terminal come here with a verified identity."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from chimera.domain import (
    Approval,
    NotAllowed,
    NotFound,
    Order,
    Phase,
    Plan,
    Planned,
    Principal,
    Refused,
    RunbookCard,
    Trust,
    Unavailable,
)
from chimera.flows.doubting import Doubting
from chimera.flows.handing import HandingOver
from chimera.flows.hearing import Hearing, need
from chimera.flows.incident import IncidentWorkflow
from chimera.flows.incident_state import Closing
from chimera.flows.trusting import Trusting
from chimera.platform.governance.audit_refusals import refusals_audited
from chimera.platform.identity.signing import Signer
from chimera.platform.store import OrderRecord, Store
from chimera.runbooks.workflow import RunbookWorkflow

log = structlog.get_logger(__name__)
PATIENCE = 15.0  # seconds for the order's workflow to take an answer
APPROVAL_LIFE = timedelta(minutes=5)  # from the click to Temporal


@refusals_audited
class Desk(Hearing, Doubting, HandingOver, Trusting):
    """Every change of mind a person may have; each needs a role."""

    def __init__(
        self,
        client: Client,
        task_queue: str,
        store: Store,
        signer: Signer,
        cards: Mapping[str, RunbookCard],
        plan: Callable[[Order], Plan],
        environment: str,
        order_life: timedelta,
        planned: Sequence[Planned] = (),
        level: Callable[[str, str], Trust] = lambda environment, runbook: Trust.OBSERVE,
        people: Callable[[], Mapping[str, str]] = dict,
        teams: Sequence[str] = (),
    ) -> None:
        self._client = client
        self._task_queue = task_queue
        self._store = store
        self._signer = signer
        self.cards = cards
        self._plan = plan
        self._environment = environment
        self._order_life = order_life
        self._planned = tuple(planned)
        self._level = level
        self._people = people
        self._teams = tuple(teams)

    async def acknowledge(self, incident_id: str, who: Principal) -> None:
        need(who, "operator", "approver", to=f"acknowledge {incident_id}")
        await self._open(incident_id)
        await self._signal(incident_id, IncidentWorkflow.acknowledge, who.id)

    async def resolve(self, incident_id: str, who: Principal, note: str = "") -> None:
        need(who, "operator", "approver", to=f"resolve {incident_id}")
        await self._open(incident_id)
        closing = Closing(by=who.id, note=note, at=datetime.now(UTC))
        await self._signal(incident_id, IncidentWorkflow.resolve, closing)

    async def answer(
        self, order_id: str, plan_hash: str, granted: bool, note: str, who: Principal
    ) -> Approval:
        """Approve or deny an order. Raises NotAllowed, NotFound, Refused."""
        need(who, "approver", to=f"answer order {order_id}")
        record = await self._store.order(order_id)
        if record.plan is None:
            raise Refused(f"order {order_id} has no plan that could be approved")
        if granted and not plan_hash:
            raise Refused(
                f"an approval of order {order_id} must name the plan that was shown; "
                f"`chimera orders show {order_id}` shows it and its hash"
            )
        now = datetime.now(UTC)
        approval = self._signer.sign(
            Approval(
                order_id=order_id,
                approver=who.id,
                roles=who.roles,
                granted=granted,
                note=note,
                plan_hash=plan_hash or record.plan.hash,
                at=now,
                expires=now + APPROVAL_LIFE,
                via=who.via,
            )
        )
        handle = self._client.get_workflow_handle(await self._store.prefix() + order_id)
        try:
            async with asyncio.timeout(PATIENCE):
                await handle.execute_update(RunbookWorkflow.answer, approval)
        except TimeoutError as error:
            raise Unavailable("Chimera's worker", f"take the answer to {order_id}") from error
        except WorkflowUpdateFailedError as error:
            no = refusal(error)
            log.warning("an answer is refused", order=order_id, by=who.id, reason=str(no))
            raise no from error
        except RPCError as error:
            raise self._away(error, f"order {order_id}") from error
        return approval

    async def run_runbook(
        self,
        name: str,
        parameters: dict[str, str],
        target: str,
        reason: str,
        who: Principal,
        dry_run: bool = False,
    ) -> Order | Plan:
        """A person's own order; somebody else must approve it."""
        need(who, "operator", to=f"run {name}")
        if name not in self.cards:
            raise NotFound(f"there is no runbook {name!r}; `chimera runbooks list` shows them")
        now = datetime.now(UTC)
        key = f"MAN-{uuid.uuid4().hex[:8]}"
        order = Order(
            id=f"{key}/1",
            incident=key,
            attempt=1,
            runbook=name,
            parameters=parameters,
            target=target,
            environment=self._environment,
            reason=reason or f"{who.id} asked for it",
            requested_by=who.id,
            requested_roles=who.roles,
            created=now,
            expires=now + self._order_life,
        )
        plan = self._plan(order)
        if dry_run:
            return plan
        order = self._signer.sign(order)
        await self._store.save_order(OrderRecord(order=order, plan=plan))
        try:
            await self._client.start_workflow(
                RunbookWorkflow.run,
                order,
                id=await self._store.prefix() + order.id,
                task_queue=self._task_queue,
            )
        except RPCError as error:
            raise self._away(error, f"order {order.id}") from error
        return order

    async def pause(self, environment: str, reason: str, who: Principal) -> None:
        need(who, "operator", "approver", to="pause changes")
        await self._store.pause(self._known(environment), who.id, reason)

    async def resume(self, environment: str, who: Principal) -> None:
        need(who, "operator", "approver", to="resume changes")
        held = await self._store.pauses()
        # A pause that is on record can be ended, whatever the environment is called today.
        named = environment if environment in held else self._known(environment)
        await self._store.resume(named, who.id)
        still = held.get("*")
        if still and named != "*":
            raise Refused(
                f"{named} is not paused by itself any more, but every environment is "
                f"(by {still.by}: {still.reason}); resume them all"
            )

    def _known(self, environment: str) -> str:
        """Raises NotFound for a misspelt one: a pause that pauses nothing is worse than none."""
        if environment not in ("", "*", self._environment):
            raise NotFound(
                f"there is no environment {environment!r} here; it is {self._environment!r}"
            )
        return environment or "*"

    async def status(self) -> dict[str, Any]:
        incidents = await self._store.incidents(open_only=True)
        pauses = await self._store.pauses()
        return {
            "environment": self._environment,
            "paused": [pause.model_dump(mode="json") for pause in pauses.values()],
            "hushed": await self.hushed(),
            "open_incidents": [
                {
                    "id": i.id,
                    "title": i.title,
                    "phase": i.phase.value,
                    "priority": i.priority.value if i.priority else "",
                    "impact": i.impact,
                    "marks": list(i.marks),
                }
                for i in incidents
            ],
            "waiting_orders": [r.order.id for r in await self._store.orders(state="waiting")],
            "running_orders": [r.order.id for r in await self._store.orders(state="running")],
        }

    async def _open(self, incident_id: str) -> None:
        incident = await self._store.incident(incident_id)
        if incident.phase is Phase.RESOLVED:
            raise Refused(f"{incident_id} is resolved already")

    async def _signal(self, incident_id: str, signal: Any, argument: Any) -> None:
        workflow_id = await self._store.prefix() + incident_id
        try:
            await self._client.get_workflow_handle(workflow_id).signal(signal, argument)
        except RPCError as error:
            raise self._away(error, incident_id) from error

    def _away(self, error: RPCError, what: str) -> Exception:
        if error.status is RPCStatusCode.NOT_FOUND:
            return NotFound(f"{what} is not running any more; look at its record")
        return Unavailable("Temporal", f"take {what}", str(error))


def refusal(error: WorkflowUpdateFailedError) -> Refused:
    """What the order's workflow said, as one of our errors."""
    cause: BaseException | None = error.cause
    while cause and getattr(cause, "cause", None):
        cause = cause.cause  # type: ignore[attr-defined]
    kind = cause.type if isinstance(cause, ApplicationError) else None
    message = cause.message if isinstance(cause, ApplicationError) else str(cause)
    return NotAllowed(message) if kind == "NotAllowed" else Refused(message)
