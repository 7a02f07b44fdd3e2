"""Telling people: one workflow a notice, one activity a channel.

A channel that is away is tried again for a day while the others are served and the incident goes
on; a channel that has the notice already does not send it twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from temporalio import activity, workflow
from temporalio.exceptions import ActivityError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from chimera.domain import (
        CHIMERA,
        Channel,
        Notice,
        Picture,
        Refused,
        ShowsPictures,
        Unavailable,
    )
    from chimera.domain.base import Value
    from chimera.platform.governance.audit import Entry, digest
    from chimera.platform.governance.outbound import Outbound
    from chimera.platform.orchestration.temporal import RETRY
    from chimera.platform.store import Store
    from chimera.platform.telemetry import metrics


THREADED = ("slack", "teams")  # what these answer with is a thread's link
STALE = timedelta(hours=1)  # after which a picture that could not be shown is let go


class Draws(Protocol):
    """Draws what a notice of kind `picture` is about."""

    async def picture(self, notice: Notice) -> Picture | None:
        """None when there is nothing to draw. Raises Unavailable."""
        ...


class Told(Value):
    """One notice to one channel."""

    channel: str
    notice: Notice


class Telling:
    """The activities: which channels there are, and sending through one."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        store: Store,
        draws: Draws | None = None,
        outbound: Outbound | None = None,
    ) -> None:
        self._channels = channels
        self._store = store
        self._draws = draws
        self._outbound = outbound or Outbound()

    @activity.defn(name="channels")
    async def channels(self) -> list[str]:
        return sorted(self._channels)

    @activity.defn(name="send")
    async def send(self, told: Told) -> None:
        if told.notice.kind == "picture":
            if await self._show(self._channels[told.channel], told.notice):
                await self._store.audit(said_of(told, "sent"))
            return
        try:
            notice = self._outbound.content(told.notice)
            reference = await self._channels[told.channel].send(notice)
        except Unavailable:
            metrics.notice_sent(told.channel, "unavailable")
            raise
        except Refused:
            metrics.notice_sent(told.channel, "refused")
            await self._store.audit(said_of(told, "refused"))
            raise
        await self._store.audit(said_of(told, "sent"))
        metrics.notice_sent(told.channel, "sent")
        if reference and told.notice.kind == "opened":
            incident, channel = told.notice.incident, told.channel
            if channel == "servicenow":
                await self._store.change_incident(incident, ticket=reference)
            elif channel in THREADED:
                await self._store.change_incident(incident, threads={channel: reference})

    async def _show(self, channel: Channel, notice: Notice) -> bool:
        """A picture is best effort: it comes later, or not at all, and holds up no words."""
        if self._draws is None or not isinstance(channel, ShowsPictures):
            return False
        if datetime.now(UTC) - notice.at > STALE:
            return False
        picture = await self._draws.picture(notice)
        if picture is not None:
            await channel.show(notice, picture)
        return picture is not None


def said_of(told: Told, what: str) -> Entry:
    """What the audit log says of a notice; a retry says nothing new."""
    notice = told.notice
    return Entry(
        who=CHIMERA.id,
        action=f"message.{what}",
        object=told.channel,
        incident=notice.incident,
        details={"notice": notice.id, "kind": notice.kind, "text": digest(notice.text)},
        key=f"{what}/{told.channel}/{notice.id}",
    )


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
