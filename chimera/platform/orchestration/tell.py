"""Telling people: one workflow a notice, one activity a channel.

A channel that is away is tried again for a day while the others are served and the incident goes
on; a channel that has the notice already does not send it twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ActivityError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from chimera.domain import Channel, Notice, Refused, Unavailable
    from chimera.domain.base import Value
    from chimera.platform.orchestration.temporal import RETRY
    from chimera.platform.store import Store
    from chimera.platform.telemetry import metrics


class Told(Value):
    """One notice to one channel."""

    channel: str
    notice: Notice


class Telling:
    """The activities: which channels there are, and sending through one."""

    def __init__(self, channels: Mapping[str, Channel], store: Store) -> None:
        self._channels = channels
        self._store = store

    @activity.defn(name="channels")
    async def channels(self) -> list[str]:
        return sorted(self._channels)

    @activity.defn(name="send")
    async def send(self, told: Told) -> None:
        try:
            reference = await self._channels[told.channel].send(told.notice)
        except Unavailable:
            metrics.notice_sent(told.channel, "unavailable")
            raise
        except Refused:
            metrics.notice_sent(told.channel, "refused")
            raise
        metrics.notice_sent(told.channel, "sent")
        if reference and told.notice.kind == "opened":
            field = {"servicenow": "ticket", "slack": "thread"}.get(told.channel)
            if field:
                await self._store.change_incident(told.notice.incident, **{field: reference})


@workflow.defn
class TellWorkflow:
    """Deliver one notice everywhere."""

    @workflow.run
    async def run(self, notice: Notice) -> None:
        names = await workflow.execute_activity_method(
            Telling.channels, start_to_close_timeout=timedelta(seconds=10), retry_policy=RETRY
        )
        await asyncio.gather(*(self.deliver(name, notice) for name in names))

    async def deliver(self, channel: str, notice: Notice) -> None:
        try:
            await workflow.execute_activity_method(
                Telling.send,
                Told(channel=channel, notice=notice),
                start_to_close_timeout=timedelta(seconds=30),
                schedule_to_close_timeout=timedelta(days=1),
                retry_policy=RETRY,
                summary=channel,
            )
        except ActivityError as failure:
            workflow.logger.error(
                "notice %s did not reach %s: %s", notice.id, channel, failure.cause
            )


async def tell(notice: Notice) -> None:
    """From inside a workflow: have the notice delivered, and do not wait for it."""
    try:
        await workflow.start_child_workflow(
            TellWorkflow.run,
            notice,
            id=f"{workflow.info().workflow_id}-tell-{notice.id}",
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.debug("notice %s is being told already", notice.id)
