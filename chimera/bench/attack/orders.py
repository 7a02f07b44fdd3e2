"""Orders carried out in this process: the real desk, policy, signatures, checks and runbook steps.

Only Temporal's server is left out, so that thousands of attempts take minutes. What its workflow
decides is asked of the workflow's own code; what its activities do is done by the activities.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from chimera.domain import (
    Actuator,
    Approval,
    ChimeraError,
    Effect,
    Order,
    Outcome,
    TargetState,
)
from chimera.runbooks.steps import Answer, Ended, RunbookSteps, Step
from chimera.runbooks.workflow import RunbookWorkflow


class Hands(Actuator):
    """Writes down what it is told to do."""

    def __init__(self) -> None:
        self.done: dict[str, Effect] = {}

    async def state(self, target: str) -> TargetState:
        return TargetState(name=target, replicas=2, max_replicas=8)

    async def perform(self, effect: Effect) -> dict[str, str]:
        self.done.setdefault(effect.key, effect)
        return {}

    async def fence(self, order_id: str) -> None:
        return None

    async def effects(self, order_id: str) -> dict[str, dict[str, str]]:
        return {key: {} for key, effect in self.done.items() if effect.order_id == order_id}


@dataclass
class Course:
    """One order on its way, in the place of its workflow's handle."""

    workflow: RunbookWorkflow
    steps: RunbookSteps
    environment: ActivityEnvironment
    refused: str = ""

    async def begin(self) -> None:
        order = self.workflow.order
        try:
            permit = await self.environment.run(self.steps.permit, order)
        except ChimeraError as no:
            self.refused = str(no)
            return
        self.workflow.permit = permit
        match permit.decision.verdict:
            case "act":
                await self.carry_out(None)
            case "ask":
                self.workflow.state = "waiting"
            case _:
                self.refused = permit.decision.reason

    async def execute_update(self, update: Any, approval: Approval) -> str:
        """Somebody's answer, as the workflow's own validator and check take it."""
        try:
            self.workflow.may_answer(approval)
            await self.environment.run(self.steps.check_approval, approval)
        except ApplicationError as no:
            raise WorkflowUpdateFailedError(no) from no
        except ChimeraError as no:
            raise WorkflowUpdateFailedError(ApplicationError(str(no), type="Refused")) from no
        self.workflow.approval = approval
        if approval.granted:
            await self.carry_out(approval)
        return "approved" if approval.granted else "denied"

    async def carry_out(self, approval: Approval | None) -> None:
        order, run = self.workflow.order, self.environment.run
        try:
            await run(self.steps.reserve, Answer(order=order, approval=approval))
            for name in ("precheck", "apply"):
                await run(self.steps.step, Step(order=order, name=name, approval=approval))
        except ChimeraError as no:
            self.refused = str(no)
        self.workflow.state = "done"
        status: Literal["refused", "unverified"] = "refused" if self.refused else "unverified"
        end = Outcome(order_id=order.id, status=status, reason=self.refused, at=datetime.now(UTC))
        await run(self.steps.conclude, Ended(order=order, outcome=end))


@dataclass
class Straight:
    """What the desk needs of a Temporal client."""

    steps: Callable[[], RunbookSteps]
    courses: dict[str, Course] = field(default_factory=dict)

    async def start_workflow(self, run: Any, order: Order, *, id: str, task_queue: str) -> Course:
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, workflow_id=id)
        course = Course(RunbookWorkflow(order), self.steps(), environment)
        self.courses[id] = course
        await course.begin()
        return course

    def get_workflow_handle(self, id: str) -> Course:
        return self.courses[id]
