"""Answer what people say in a chat, as the person that the chat says they are, once each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from chimera.agents.chat.shape import Reply
from chimera.bots.delivery import Delivery
from chimera.bots.inbound import WhoIs, is_stranger, stranger
from chimera.domain import Principal, Refused
from chimera.flows.conversation import Conversation
from chimera.platform.orchestration.talk import Heard


class Talk(ABC):
    """Each thread is a conversation, so is each person's direct messages.

    What is answered is a note, and a post is found again by its mark: an activity that is tried
    again says nothing twice. A question that waits has two buttons, which hold for that question
    and that person alone.
    """

    chat: ClassVar[str]

    def __init__(self, delivery: Delivery, who_is: WhoIs, conversation: Conversation) -> None:
        self._delivery = delivery
        self._who_is = who_is
        self._conversation = conversation

    @abstractmethod
    async def say(self, heard: Heard, reply: Reply, asked: str = "") -> None:
        """Say it where it was asked, once. `asked` names the question that two buttons answer."""

    @abstractmethod
    async def refuse(self, heard: Heard, why: str) -> None:
        """Tell who pressed why that counts for nothing."""

    @abstractmethod
    async def take_buttons(self, heard: Heard, line: str) -> None:
        """Put the word that was given where the buttons were."""

    async def answer(self, heard: Heard) -> None:
        """Answer one message. Raises Unavailable, Refused."""
        who = self._who_is(heard.team, heard.user)
        thread = self.thread_of(heard)
        async with self._delivery.alone(thread):
            if await self._delivery.get(f"answered:{heard.id}"):
                return
            if is_stranger(who):
                await self._conversation.turned_away(thread, heard.text, who, heard.id)
                await self.say(heard, Reply(kind="refused", text=stranger(who)))
            else:
                await self._converse(heard, thread, who)
            await self._delivery.put(f"answered:{heard.id}", "yes")

    def thread_of(self, heard: Heard) -> str:
        """The conversation that a message belongs to."""
        if heard.kind == "command":
            return f"{self.chat}/{heard.team}/{heard.user}/command"
        return f"{self.chat}/{heard.place}/{heard.thread}".rstrip("/")

    async def not_theirs(self, heard: Heard) -> str:
        """Why a press counts for nothing; "" where it does."""
        who = self._who_is(heard.team, heard.user)
        waits = await self._delivery.get(f"asks:{self.thread_of(heard)}") or ""
        asked, _, person = waits.partition(" ")
        if asked != heard.asked:
            return "That question does not wait for an answer any more; nothing was done."
        if person != who.id:
            return f"That question was for {person}; only {person} can answer it."
        return ""

    async def _converse(self, heard: Heard, thread: str, who: Principal) -> None:
        """Have it answered, and the answer written down before it is said."""
        kept = await self._delivery.get(f"reply:{heard.id}")
        if kept is None:
            if heard.kind == "press" and (refused := await self.not_theirs(heard)):
                await self.refuse(heard, refused)
                return
            kept = await self._asked(heard, thread, who)
        waits, _, reply = kept.partition(" ")
        buttons = heard.id if waits == "waits" and heard.kind != "command" else ""
        await self.say(heard, Reply.model_validate_json(reply), buttons)
        if heard.kind == "press":
            said = "Confirmed" if heard.text == "yes" else "Cancelled"
            await self.take_buttons(heard, f"{said} by {who.name or who.id}")

    async def _asked(self, heard: Heard, thread: str, who: Principal) -> str:
        """Whether the answer waits for a word, and the answer."""
        place = f"{heard.place}/{heard.thread}"
        incident = await self._delivery.get(f"incident:{place}") if heard.thread else None
        if heard.thread:
            await self._delivery.put(f"talk:{place}", "yes")
        if incident and heard.kind == "message":
            await self._conversation.said(incident, heard.text, who, heard.id)
        reply, state = await self._conversation.turn(
            thread,
            heard.text,
            who,
            mark=heard.id,
            focus={"incident": incident} if incident else None,
        )
        waits = bool((state.get("pending") or {}).get("wish"))
        kept = f"{'waits' if waits else 'done'} {reply.model_dump_json()}"
        await self._delivery.put(f"reply:{heard.id}", kept)
        await self._delivery.put(f"asks:{thread}", f"{heard.id} {who.id}" if waits else "")
        return kept


class Talks:
    """Every chat that there is: a message is answered where it was said."""

    def __init__(self, *talks: Talk) -> None:
        self._talks = {talk.chat: talk for talk in talks}

    async def answer(self, heard: Heard) -> None:
        """Raises Unavailable; Refused where its chat is not configured any more."""
        chat, _, _ = heard.id.partition("-")
        if chat not in self._talks:
            raise Refused(f"message {heard.id} cannot be answered: [{chat}] is not configured here")
        await self._talks[chat].answer(heard)


async def followed(heard: Heard, delivery: Delivery) -> bool:
    """Whether a thread is an incident's, or one in which Chimera was spoken to."""
    thread = f"{heard.place}/{heard.thread}"
    return bool(await delivery.get(f"incident:{thread}") or await delivery.get(f"talk:{thread}"))
