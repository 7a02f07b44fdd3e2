"""The activities behind `RunbookWorkflow`: what a workflow decides, these look up and do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio import activity

from chimera.domain import (
    CHIMERA,
    Approval,
    BadSignature,
    Decision,
    Estate,
    NotFound,
    Order,
    Outcome,
    Plan,
    PolicyDenied,
    Principal,
)
from chimera.domain.base import Value
from chimera.platform.governance.audit import Entry
from chimera.platform.governance.policy import Circumstances, Policy
from chimera.platform.governance.rehearsal import rehearse
from chimera.platform.identity.signing import Signer
from chimera.platform.orchestration.temporal import heartbeating
from chimera.platform.store import OrderRecord, Store
from chimera.platform.store.audited_orders import decided
from chimera.platform.telemetry import metrics
from chimera.runbooks.base import Runbook
from chimera.runbooks.distrust import distrust
from chimera.runbooks.holding import PATIENCE, hold

log = structlog.get_logger(__name__)


class Permit(Value):
    """The exact plan, and what policy says about it."""

    plan: Plan
    decision: Decision


class Answer(Value):
    order: Order
    approval: Approval | None = None


class Step(Value):
    order: Order
    name: str
    since: float = 0.0
    approval: Approval | None = None  # signed; a mere flag could be forged


class Ended(Value):
    order: Order
    outcome: Outcome


class RunbookSteps:
    """Everything an order needs done; one instance a worker.

    Raises Misconfigured when the policy could not decide some order, or names what is not there.
    """

    def __init__(
        self,
        runbooks: Mapping[str, Runbook[Any]],
        policy: Policy,
        signer: Signer,
        store: Store,
        estate: Estate,
        cool_down: timedelta,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._runbooks = runbooks
        self._policy = policy
        self._signer = signer
        self._store = store
        self._estate = estate
        self._cool_down = cool_down
        self.patience = patience
        cards = [runbook.card for runbook in runbooks.values()]
        for odd in rehearse(policy, cards, estate):
            log.warning("policy", said=odd)

    def activities(self) -> list[Any]:
        return [
            self.permit,
            self.check_approval,
            self.reserve,
            self.step,
            self.fence,
            self.conclude,
        ]

    def _runbook(self, order: Order) -> Runbook[Any]:
        if order.runbook not in self._runbooks:
            raise NotFound(
                f"order {order.id} asks for {order.runbook!r}, and there is no such runbook"
            )
        return self._runbooks[order.runbook]

    async def _decide(self, order: Order, plan: Plan) -> Decision:
        now = datetime.now(UTC)
        pauses = await self._store.pauses()
        spent = await self._store.spent(order.environment, now, besides=order.id)
        who = CHIMERA
        if order.requested_by != CHIMERA.id:
            # As they were signed; an order that has none is of an earlier release, and needed this.
            roles = order.requested_roles or ("operator",)
            who = Principal(id=order.requested_by, roles=roles)
        return self._policy.decide(
            order,
            plan,
            self._runbook(order).card,
            self._estate.node(order.target),
            who,
            Circumstances(
                now=now,
                paused="*" in pauses or order.environment in pauses,
                changes_lately=spent.changes,
                rollbacks_lately=spent.rollbacks,
                repeats_lately=await self._store.repeated(order, now),
                stepped_down=await self._store.stepped_down(order.environment, order.runbook),
            ),
        )

    async def _ours(self, order: Order, expired: bool = False) -> None:
        """Raises BadSignature unless Chimera signed the order and its own workflow asks.

        Any process that reaches Temporal can schedule an activity: so each looks for itself.
        `expired` lets an order finish that began in time.
        """
        self._signer.check(order, now=order.created if expired else None)
        asking = activity.info().workflow_id
        if asking != await self._store.prefix() + order.id:
            raise BadSignature(f"order {order.id} is asked for by {asking}, which is not its own")

    async def _approved(self, order: Order, approval: Approval | None, plan: Plan) -> bool:
        """Whether a person approved exactly this plan. Raises BadSignature for a forged one."""
        if approval is None:
            return False
        self._signer.check(approval, now=approval.at)  # it was fresh when it came in
        return (
            approval.granted
            and approval.order_id == order.id
            and approval.approver != order.requested_by
            and approval.plan_hash == plan.hash
        )

    @activity.defn(name="permit")
    async def permit(self, order: Order) -> Permit:
        """Signature, parameters, plan, policy; kept on record."""
        await self._ours(order)
        if await self._ended(order):
            raise PolicyDenied(f"order {order.id} has ended already; make a new one")
        plan = self._runbook(order).plan(order, self._estate)
        decision = await self._decide(order, plan)
        waiting = decision.verdict == "ask"
        await self._store.save_order(
            OrderRecord(
                order=order,
                plan=plan,
                decision=decision,
                state="waiting" if waiting else "proposed",
            )
        )
        return Permit(plan=plan, decision=decision)

    async def _ended(self, order: Order) -> bool:
        try:
            return (await self._store.order(order.id)).outcome is not None
        except NotFound:
            return False

    @activity.defn(name="check_approval")
    async def check_approval(self, approval: Approval) -> None:
        """Raises BadSignature unless Chimera's sign-in made it and it has not expired."""
        word, refused = "granted" if approval.granted else "denied", None
        try:
            self._signer.check(approval)
        except BadSignature as error:
            word, refused = "refused", error
        said = Entry(
            who=approval.approver if refused is None else f"somebody as {approval.approver}",
            action=f"answer.{word}",
            object=approval.order_id,
            incident=approval.order_id.partition("/")[0],
            details={"via": approval.via, "plan": approval.plan_hash},
            key=f"answer/{word}/{approval.signature}/{approval.order_id}",
        )
        await self._store.audit(said)
        if refused is not None:
            raise refused

    @activity.defn(name="reserve")
    async def reserve(self, answer: Answer) -> None:
        """Ask policy once more, since time has passed, and hold the target."""
        order = answer.order
        await self._ours(order)
        await self._still_permitted(order, answer.approval, "before it ran")
        estate = self._runbook(order).card.touches == "estate"
        at_once = self._policy.settings.changes_at_once if estate else None
        asked = activity.info().scheduled_time
        await hold(self._store, order, self._cool_down, at_once, asked, self.patience)
        await self._store.change_order(order.id, state="running", approval=answer.approval)

    async def _still_permitted(self, order: Order, approval: Approval | None, asked: str) -> None:
        plan = self._runbook(order).plan(order, self._estate)
        decision = await self._decide(order, plan)
        said = decided(OrderRecord(order=order), decision, asked)
        again = f"decided/{order.id}/{asked}/{decision.verdict}/{decision.reason}"
        await self._store.audit(said.model_copy(update={"key": again}))
        approved = await self._approved(order, approval, plan)
        if decision.verdict != "act" and not (approved and decision.verdict == "ask"):
            raise PolicyDenied(f"order {order.id} may not run any more: {decision.reason}")

    @activity.defn(name="step")
    async def step(self, step: Step) -> None:
        """Run one step of the order's runbook."""
        runbook, order = self._runbook(step.order), step.order
        # What has begun may end, however long it took.
        begun = order.mark in await runbook.actuator.effects(order.mark)
        await self._ours(order, expired=begun or step.name in ("verify", "rollback"))
        async with heartbeating():
            if step.name == "precheck":
                await runbook.precheck(order)
            elif step.name == "apply":
                if not begun:
                    # The last look before the change: retries may be half an hour old.
                    await runbook.precheck(order)
                    await self._still_permitted(order, step.approval, "before the change")
                if runbook.card.touches == "estate":  # what changes alerts spends no budget
                    await self._store.mark_changed(order.id, datetime.now(UTC))
                await runbook.apply(order)
            elif step.name == "verify":
                await runbook.verify(order, step.since, again=activity.info().attempt > 1)
            elif step.name == "rollback":
                await runbook.actuator.fence(order.mark)
                await runbook.rollback(order)
            else:
                raise NotFound(f"runbooks have no step {step.name!r}")

    @activity.defn(name="fence")
    async def fence(self, order: Order) -> bool:
        """From now on a late apply of this order does nothing; True if one was done before."""
        await self._ours(order, expired=True)
        actuator = self._runbook(order).actuator
        await actuator.fence(order.mark)
        done = (await actuator.effects(order.mark)).get(order.mark)
        return done is not None and done.get("fenced") != "true"

    @activity.defn(name="conclude")
    async def conclude(self, ended: Ended) -> None:
        """Let the target go and keep the outcome. A forged order touches nobody's record."""
        order, outcome = ended.order, ended.outcome
        try:
            await self._ours(order, expired=True)
        except BadSignature as forged:
            activity.logger.warning("an order is refused and not kept: %s", forged)
            return
        if await self._ended(order):
            return
        await distrust(self._store, order, outcome, self._policy.level)
        await self._store.end_lease(order.id, outcome.status, datetime.now(UTC))
        metrics.order_ended(order.runbook, outcome)
        try:
            await self._store.change_order(order.id, state="done", outcome=outcome)
        except NotFound:  # refused before it was on record, by its parameters
            await self._store.save_order(OrderRecord(order=order, outcome=outcome, state="done"))
