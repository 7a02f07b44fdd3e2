"""The only door to change: permission, check, change, proof; undo what did not verify."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Literal

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from chimera.domain import (
        Approval,
        Decision,
        NotRepaired,
        Order,
        Outcome,
        Plan,
        PreconditionFailed,
        Refusal,
    )
    from chimera.domain.base import Value
    from chimera.platform.orchestration.tell import tell
    from chimera.platform.orchestration.temporal import RETRY, caused_by, reason
    from chimera.runbooks.notices import asked, told
    from chimera.runbooks.steps import Answer, Ended, Permit, RunbookSteps, Step


State = Literal["proposed", "waiting", "approved", "running", "changing", "done"]


class NotAllowedTo(Exception):
    """Policy or a person said no, or nobody asks for it any more."""

    def __init__(self, why: str, refusal: Refusal) -> None:
        super().__init__(why)
        self.refusal = refusal


class OrderView(Value):
    """Where an order is; what the query `view` answers."""

    state: State
    plan: Plan | None = None
    decision: Decision | None = None
    outcome: Outcome | None = None


@workflow.defn
class RunbookWorkflow:
    """Ask permission, check, change, verify; undo what did not verify."""

    @workflow.init
    def __init__(self, order: Order) -> None:
        self.order = order
        self.permit: Permit | None = None
        self.approval: Approval | None = None
        self.state: State = "proposed"
        self.withdrawn: str | None = None

    @workflow.run
    async def run(self, order: Order) -> Outcome:
        try:
            outcome = await self.carry_out()
        except (ActivityError, asyncio.CancelledError) as failure:
            # Not even the way out could be gone, or somebody cancelled it in Temporal.
            changed = self.state == "changing"
            why = reason(failure) or "it was cancelled in Temporal"
            outcome = self.ended("failed" if changed else "refused", why)
        self.state = "done"
        # Whatever becomes of the record, nothing holds the target any more once this has run.
        await workflow.execute_activity_method(
            RunbookSteps.conclude,
            Ended(order=order, outcome=outcome),
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RETRY,
        )
        waited = self.permit is not None and self.permit.decision.verdict == "ask"
        if workflow.info().parent is None and (waited or outcome.status != "refused"):
            # A person's own order: nobody else would say.
            await tell(told(order, outcome, workflow.now()))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome

    async def carry_out(self) -> Outcome:
        try:
            permit = await self.allowed()
            if permit.decision.verdict in ("observe", "advise"):
                return self.ended("proposed", permit.decision.reason)
            await self.activity(
                RunbookSteps.reserve, Answer(order=self.order, approval=self.approval)
            )
            self.state = "running"
            await self.step("precheck")  # after the wait: the world moved
        except ActivityError as no:
            return self.hindered(no)
        except NotAllowedTo as no:
            return self.ended("refused", str(no), no.refusal)
        if self.withdrawn:
            return self.ended("refused", f"withdrawn: {self.withdrawn}", "withdrawn")
        self.state = "changing"
        try:
            await self.step("apply")
        except ActivityError as failure:
            # What is still on its way must not arrive after this has been said.
            if not await self.activity(RunbookSteps.fence, self.order):
                return self.hindered(failure)
            return await self.take_back(reason(failure))
        try:
            await self.step("verify", since=workflow.now().timestamp())
        except ActivityError as failure:
            if caused_by(failure, NotRepaired):
                return await self.take_back(reason(failure))
            # Blind, or the proof itself broke: nothing is undone without proof; a person is told.
            return self.ended("unverified", reason(failure))
        proved = "the symptoms are gone" if self.order.symptoms else "it is done and was checked"
        return self.ended("applied", proved)

    def hindered(self, failure: ActivityError) -> Outcome:
        """Refused; and whether that is because the runbook does not apply to what it found."""
        unfit = caused_by(failure, PreconditionFailed)
        return self.ended("refused", reason(failure), "unfit" if unfit else None)

    async def take_back(self, why: str) -> Outcome:
        """Undo, or say that a person must."""
        assert self.permit
        if not self.permit.plan.reversible:
            await self.activity(RunbookSteps.fence, self.order)
            return self.ended("failed", f"{why}; there is no way back: {self.permit.plan.undo}")
        try:
            await self.step("rollback")
        except ActivityError as failure:
            return self.ended("failed", f"{why}; and the way back failed: {reason(failure)}")
        return self.ended("rolled_back", why)

    async def allowed(self) -> Permit:
        """Policy, then a person where it asks. Raises when either says no."""
        permit = await self.activity(RunbookSteps.permit, self.order)
        assert isinstance(permit, Permit)
        self.permit = permit
        decision = permit.decision
        if decision.verdict == "deny":
            raise NotAllowedTo(decision.reason, "policy")
        if decision.verdict == "ask":
            self.state = "waiting"
            await tell(asked(self.order, permit, workflow.now()))
            wait = timedelta(seconds=decision.expires_seconds)
            try:
                await workflow.wait_condition(
                    lambda: bool(self.approval or self.withdrawn), timeout=wait
                )
            except TimeoutError:
                minutes = wait.total_seconds() / 60
                raise NotAllowedTo(
                    f"nobody answered within {minutes:.0f} minutes; the order expired", "unanswered"
                ) from None
            if self.withdrawn:
                raise NotAllowedTo(f"withdrawn: {self.withdrawn}", "withdrawn")
            assert self.approval
            if not self.approval.granted:
                note = f": {self.approval.note}" if self.approval.note else ""
                raise NotAllowedTo(f"{self.approval.approver} denied it{note}", "denied")
            self.state = "approved"
        return permit

    @workflow.update
    async def answer(self, approval: Approval) -> str:
        """A person's answer; refused unless Chimera's sign-in signed it for exactly this plan."""
        await workflow.execute_activity_method(
            RunbookSteps.check_approval,
            approval,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RETRY,
        )
        if self.approval or self.state != "waiting":
            raise ApplicationError(
                f"order {self.order.id} was answered meanwhile", non_retryable=True
            )
        self.approval = approval
        return "approved" if approval.granted else "denied"

    @answer.validator
    def may_answer(self, approval: Approval) -> None:
        if self.state != "waiting" or self.approval or not self.permit:
            raise ApplicationError(
                f"order {self.order.id} is {self.state} and waits for no answer", type="Refused"
            )
        if approval.order_id != self.order.id:
            raise ApplicationError("the answer is for another order", type="Refused")
        if approval.approver == self.order.requested_by:
            raise ApplicationError(
                f"{approval.approver} asked for this order and may not answer it; "
                "somebody else must",
                type="NotAllowed",
            )
        if not set(approval.roles) & set(self.permit.decision.approvers):
            raise ApplicationError(
                f"{approval.approver} may not answer: it takes the role "
                f"{' or '.join(self.permit.decision.approvers)}",
                type="NotAllowed",
            )
        if approval.plan_hash != self.permit.plan.hash:
            raise ApplicationError(
                f"the plan of order {self.order.id} is not the one that was shown; look again",
                type="Refused",
            )

    @workflow.signal
    def withdraw(self, why: str) -> None:
        """Nobody needs it any more. Counts only while nothing has been changed."""
        if self.state in ("proposed", "waiting", "approved", "running"):
            self.withdrawn = why

    @workflow.query
    def view(self) -> OrderView:
        permit = self.permit
        return OrderView(
            state=self.state,
            plan=permit.plan if permit else None,
            decision=permit.decision if permit else None,
        )

    def ended(
        self,
        status: Literal["applied", "refused", "rolled_back", "failed", "unverified", "proposed"],
        why: str,
        refusal: Refusal | None = None,
    ) -> Outcome:
        """The outcome. A refusal that is not named is one of the moment, once it was allowed."""
        by = self.approval.approver if self.approval else None
        return Outcome(
            order_id=self.order.id,
            status=status,
            reason=why,
            refusal=(refusal or self.unnamed()) if status == "refused" else None,
            at=workflow.now(),
            decision=self.permit.decision if self.permit else None,
            approved_by=by if self.approval and self.approval.granted else None,
            denied_by=by if self.approval and not self.approval.granted else None,
        )

    def unnamed(self) -> Refusal:
        verdict = self.permit.decision.verdict if self.permit else None
        granted = self.approval is not None and self.approval.granted
        return "moment" if granted or verdict not in (None, "deny", "ask") else "undecided"

    async def step(self, name: str, since: float = 0.0) -> None:
        """One step of the runbook. A worker that dies is noticed by its missing heartbeat."""
        await workflow.execute_activity_method(
            RunbookSteps.step,
            Step(order=self.order, name=name, since=since, approval=self.approval),
            # A proof takes as long as its scrapes; the others are minutes, retries included.
            start_to_close_timeout=timedelta(hours=3 if name == "verify" else 0.33),
            schedule_to_close_timeout=timedelta(hours=6 if name == "verify" else 0.5),
            heartbeat_timeout=timedelta(seconds=8),
            retry_policy=RETRY,
            summary=f"{name} {self.order.runbook} on {self.order.target}",
        )

    async def activity(self, run: Any, argument: Any) -> Any:
        return await workflow.execute_activity_method(
            run,
            argument,
            start_to_close_timeout=timedelta(seconds=20),
            schedule_to_close_timeout=timedelta(hours=1),
            retry_policy=RETRY,
        )
