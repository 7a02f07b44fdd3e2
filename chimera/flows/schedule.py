"""The schedule that looks once an interval: never two at once, and what was missed stays missed."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from chimera.flows.watch import WatchWorkflow

LONGEST = timedelta(minutes=5)  # that a look may take, retries and all


async def keep_watching(client: Client, task_queue: str, name: str, interval: timedelta) -> None:
    """Create the schedule `name`, or bring the one that is there to these settings."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            WatchWorkflow.run,
            id=name,
            task_queue=task_queue,
            execution_timeout=LONGEST,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)]),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP,
            # Temporal's default catches up for a year; ten seconds is its shortest.
            catchup_window=max(interval, timedelta(seconds=10)),
        ),
        state=ScheduleState(note="Chimera looks at everything it watches"),
    )
    try:
        await client.create_schedule(name, schedule)
    except ScheduleAlreadyRunningError:

        async def same(_: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule=schedule)

        await client.get_schedule_handle(name).update(same)
