"""The first half of the incident loop: look at everything once an interval, and group what is odd."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from chimera.flows.grouper import Grouper
    from chimera.flows.watching import Looked, Watching
    from chimera.platform.orchestration.temporal import RETRY, reason


@workflow.defn
class WatchWorkflow:
    """One look. A schedule starts it every scrape interval, never two at once."""

    @workflow.run
    async def run(self) -> Looked:
        looked = await self.look()
        await workflow.execute_activity_method(
            Grouper.group,
            looked,
            start_to_close_timeout=timedelta(seconds=60),
            # The look gives up before the schedule does, and the next one groups what is left.
            schedule_to_close_timeout=timedelta(seconds=150),
            heartbeat_timeout=timedelta(seconds=8),
            retry_policy=RETRY,
        )
        return looked

    async def look(self) -> Looked:
        """What detection sees. When it fails, that is blindness: alerts are grouped all the same."""
        try:
            return await workflow.execute_activity_method(
                Watching.detect,
                # A first look reads the whole history, which may take most of this.
                start_to_close_timeout=timedelta(seconds=60),
                schedule_to_close_timeout=timedelta(seconds=60),
                heartbeat_timeout=timedelta(seconds=8),
                retry_policy=RETRY,
            )
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            why = f"detection failed: {reason(failure)}"
            workflow.logger.warning(why)
            return Looked(at=workflow.now(), series=0, active=0, blind=True, warnings=(why,))
