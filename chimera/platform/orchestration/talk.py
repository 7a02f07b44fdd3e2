"""What a person says to Chimera in a chat: written down as a workflow before it is acknowledged.

The workflow's id is the message's, so that a message delivered again is the same workflow, and one
that was acknowledged is answered whoever dies in between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal, Protocol

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, WorkflowAlreadyStartedError
from temporalio.service import RPCError

with workflow.unsafe.imports_passed_through():
    from chimera.domain import Unavailable
    from chimera.domain.base import Value
    from chimera.platform.orchestration.temporal import RETRY, heartbeating

WRITTEN = timedelta(seconds=2)  # within which Temporal takes a message; chat tools wait for 3


class Heard(Value):
    """One message. Who and where are the verified payload's, never the text's."""

    id: str  # the chat's own name of this message or press
    kind: Literal["message", "command", "press"]
    text: str
    team: str
    user: str
    place: str  # channel
    thread: str = ""  # where the answer goes; "": into the channel itself
    asked: str = ""  # of a press: the message whose question it answers
    button: str = ""  # of a press: the message that shows the buttons
    shown: str = ""  # of a press: what that message says
    reply_to: str = ""  # an address that takes an answer for this person alone


Hear = Callable[[Heard], Awaitable[None]]


class Speaks(Protocol):
    """Answers what was heard, once, however often it is asked to."""

    async def answer(self, heard: Heard) -> None:
        """Raises Unavailable: then it is asked again."""
        ...


class Talking:
    """The activity."""

    def __init__(self, speaker: Speaks) -> None:
        self._speaker = speaker

    @activity.defn(name="answer_message")
    async def answer_message(self, heard: Heard) -> None:
        async with heartbeating():
            await self._speaker.answer(heard)


@workflow.defn
class TalkWorkflow:
    """Answer one message; a chat that is away is tried again for an hour."""

    @workflow.run
    async def run(self, heard: Heard) -> None:
        try:
            await workflow.execute_activity_method(
                Talking.answer_message,
                heard,
                start_to_close_timeout=timedelta(minutes=5),
                schedule_to_close_timeout=timedelta(hours=1),
                heartbeat_timeout=timedelta(seconds=10),
                retry_policy=RETRY,
            )
        except ActivityError as failure:
            workflow.logger.error("message %s was not answered: %s", heard.id, failure.cause)


def talk_queue(task_queue: str) -> str:
    """The queue of conversations: a long answer never holds up an incident."""
    return f"{task_queue}-talk"


def hearing(client: Client, task_queue: str, prefix: str) -> Hear:
    """What writes a message down; raises Unavailable, and then it was not."""

    async def hear(heard: Heard) -> None:
        try:
            await client.start_workflow(
                TalkWorkflow.run,
                heard,
                id=f"{prefix}talk-{heard.id}",
                task_queue=talk_queue(task_queue),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=WRITTEN,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise Unavailable("Temporal", "write a message down", str(error)) from error

    return hear
