"""The first half of the incident loop: look at everything once an interval, and group what is odd."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from chimera.flows.grouper import Grouper
    from chimera.flows.watching import Looked, Watching
    from chimera.platform.orchestration.temporal import RETRY


@workflow.defn
class WatchWorkflow:
    """One look. A schedule starts it every scrape interval, never two at once."""

    @workflow.run
    async def run(self) -> Looked:
        looked = await workflow.execute_activity_method(
            Watching.detect,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=timedelta(seconds=8),
            retry_policy=RETRY,
        )
        await workflow.execute_activity_method(
            Grouper.group,
            looked,
            start_to_close_timeout=timedelta(seconds=60),
            heartbeat_timeout=timedelta(seconds=8),
            retry_policy=RETRY,
        )
        return looked
