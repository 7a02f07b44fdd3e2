"""An incident's orders: proposed, carried out, and what their ends mean.

One at a time: the next is proposed when the one before has ended, however often the incident's
workflow was lost meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
)

with workflow.unsafe.imports_passed_through():
    from chimera.domain import Finding, Order, Outcome, Phase
    from chimera.flows.incident_state import Closing, IncidentState
    from chimera.flows.incident_steps import IncidentSteps, Proposal
    from chimera.flows.incident_telling import Account
    from chimera.platform.orchestration.temporal import RETRY, reason
    from chimera.runbooks.workflow import RunbookWorkflow

AGAIN = 6  # intervals before another try of what the moment refused
WORDS = {
    "applied": "worked",
    "refused": "was refused",
    "rolled_back": "did not help and was undone",
    "failed": "failed",
    "unverified": "was done and cannot be judged",
    "proposed": "is proposed",
}


class Repair:
    """From a finding to an order, and from its outcome to the incident's next phase."""

    def __init__(self, state: IncidentState, account: Account) -> None:
        self._state = state
        self._account = account

    async def attempt(self, finding: Finding) -> None:
        """Propose the finding's repair, have it run, draw the conclusion."""
        here = self._state
        here.attempts += 1
        here.elsewhere = finding.elsewhere
        order = await workflow.execute_activity_method(
            IncidentSteps.propose,
            Proposal(incident=here.incident, finding=finding, attempt=here.attempts),
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RETRY,
        )
        here.orders.append(order.id)
        await self._account.enter(Phase.REPAIRING, orders=tuple(here.orders))
        await self._account.record(
            f"order {order.id}: {order.runbook} on {order.target}: {order.reason}"
        )
        await self.conclude(order, await self.carried_out(order))

    async def take_over(self) -> None:
        """Go on from what a workflow that was lost left behind: its last order above all."""
        here = self._state
        left = await workflow.execute_activity_method(
            IncidentSteps.left_behind,
            here.incident.id,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RETRY,
        )
        here.phase = left.phase
        if not left.orders:
            return
        here.orders = list(dict.fromkeys([*here.orders, *(r.order.id for r in left.orders)]))
        here.attempts = max(record.order.attempt for record in left.orders)
        *before, last = left.orders
        for record in before:
            if record.outcome:
                self.remember(record.order, record.outcome)
        if last.outcome and left.phase is not Phase.REPAIRING:
            # That workflow had drawn its conclusion; what it remembered is all that is missing.
            self.remember(last.order, last.outcome)
            return
        await self._account.enter(Phase.REPAIRING, orders=tuple(here.orders))
        await self._account.record(
            f"the incident's workflow was started again: it goes on with order {last.order.id}"
        )
        outcome = last.outcome or await self.carried_out(last.order, last.state == "running")
        await self.conclude(last.order, outcome)

    async def carried_out(self, order: Order, running: bool = False) -> Outcome:
        """Have the order run; take it back while that is still possible and nobody needs it.

        `running`: it has begun, by whatever workflow, and must not begin again.
        """
        here = self._state
        # In Temporal the order is named beside its incident.
        name = workflow.info().workflow_id.removesuffix(here.incident.id) + order.id
        ended = self.ended(order) if running else await self.started(order, name)
        withdrawn = False
        while not ended.done():
            if (here.over or here.calm()) and not withdrawn:
                withdrawn = True
                runs = workflow.get_external_workflow_handle(name)
                with contextlib.suppress(FailureError):  # it ended in this very moment
                    await runs.signal(RunbookWorkflow.withdraw, "the trouble is over without it")
            await self._account.note_blindness()
            await here.wait(here.pace.quiet, partial(self.moved, ended, here.closing))
        try:
            try:
                return await ended
            except ChildWorkflowError:  # ended from outside: the record tells how far it had come
                return await self.ended(order)
        except ActivityError as failure:
            return Outcome(
                order_id=order.id, status="unverified", reason=reason(failure), at=workflow.now()
            )

    def moved(self, ended: asyncio.Task[Outcome], seen: Closing | None) -> bool:
        """Whether the order has ended, or a person has spoken since."""
        return ended.done() or self._state.closing is not seen

    async def started(self, order: Order, name: str) -> asyncio.Task[Outcome]:
        """The order's workflow, which outlives whatever befalls this one.

        A change that has begun must be proved or undone. One name is one run: an order that a lost
        workflow had started is waited for.
        """
        try:
            return await workflow.start_child_workflow(
                RunbookWorkflow.run,
                order,
                id=name,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            return self.ended(order)

    def ended(self, order: Order) -> asyncio.Task[Outcome]:
        """The end of an order that is not this workflow's child."""
        return workflow.start_activity_method(
            IncidentSteps.order_ended,
            order,
            start_to_close_timeout=timedelta(days=2),  # an approval may be slept over
            heartbeat_timeout=timedelta(seconds=10),
            retry_policy=RETRY,
        )

    async def conclude(self, order: Order, outcome: Outcome) -> None:
        """What an order's end means for the incident.

        The phase changes last: as long as the record says "repairing", the outcome has not been
        taken in, and a workflow that is started again does it.
        """
        said = f"order {order.id} ({order.runbook} on {order.target}) {WORDS[outcome.status]}"
        by = f", approved by {outcome.approved_by}" if outcome.approved_by else ""
        await self._account.record(f"{said}{by}: {outcome.reason}", key=f"{order.id}-outcome")
        await self._account.say("outcome", said, outcome.reason, key=order.id)
        self.remember(order, outcome)
        if outcome.status == "refused":
            await self.refused(order, outcome, said)
        elif outcome.status == "applied":
            # What is left has another cause, and need not be watched for long; but what was mended
            # takes some scrapes to show that it is.
            if self._state.left:
                await self._state.wait(AGAIN, lambda: not self._state.left or self._state.over)
            more = self._state.left and not self._state.quiet
            await self._account.enter(Phase.INVESTIGATING if more else Phase.WATCHING)
        elif outcome.status == "proposed":
            why = f"{outcome.reason}. Proposed: {order.runbook} on {order.target}."
            await self._account.hand_over(why, page=False, key=order.id)
        elif outcome.needs_person:
            why = f"{said}: {outcome.reason}"
            await self._account.hand_over(why, must_page=True, key=order.id)

    def remember(self, order: Order, outcome: Outcome) -> None:
        if outcome.unfit:
            self._state.unfit.append((order.runbook, order.target))
        elif outcome.status != "refused":
            self._state.tried.append((order.runbook, order.target))
        if outcome.status == "applied":
            self._state.repaired_by = f"{order.runbook} on {order.target}"

    async def refused(self, order: Order, outcome: Outcome, said: str) -> None:
        """Nothing was changed. A person's or a policy's no is final; the moment's is not."""
        here = self._state
        if outcome.unfit:  # it cannot be done here; what can is looked for at once
            return
        if outcome.final and not here.quiet:
            await self._account.hand_over(f"{said}: {outcome.reason}", key=order.id)
            return
        # Busy, cooling down, paused, blind, or no longer needed: that says nothing of the cause.
        here.refusals += 1
        if here.refusals > here.pace.attempts and not here.quiet:
            await self._account.hand_over(f"{said}: {outcome.reason}", key=order.id)
            return
        await here.wait(AGAIN, lambda: here.over or here.quiet)
