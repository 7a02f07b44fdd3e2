from __future__ import annotations

import uuid
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleSpec,
)
from temporalio.worker import Worker


@activity.defn
async def double(number: int) -> int:
    return 2 * number


@workflow.defn
class Double:
    @workflow.run
    async def run(self, number: int) -> int:
        return await workflow.execute_activity(
            double, number, start_to_close_timeout=timedelta(seconds=10)
        )


async def test_a_fresh_namespace_runs_workflows_at_once(client: Client) -> None:
    async with Worker(client, task_queue="q", workflows=[Double], activities=[double]):
        answer = await client.execute_workflow(Double.run, 21, id=uuid.uuid4().hex, task_queue="q")
    assert answer == 42


async def test_a_fresh_namespace_runs_schedules(client: Client) -> None:
    async with Worker(client, task_queue="q", workflows=[Double], activities=[double]):
        handle = await client.create_schedule(
            "often",
            Schedule(
                action=ScheduleActionStartWorkflow(Double.run, 4, id="tick", task_queue="q"),
                spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=1))]),
            ),
        )
        seen = 0
        while not seen:
            seen = (await handle.describe()).info.num_actions
        await handle.delete()
