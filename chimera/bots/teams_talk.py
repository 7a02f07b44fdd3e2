"""Answer what people say in Teams."""

from __future__ import annotations

from chimera.agents.chat.shape import Reply
from chimera.bots.delivery import Delivery
from chimera.bots.inbound import WhoIs
from chimera.bots.talk import Talk
from chimera.bots.teams_answers import rendered
from chimera.bots.teams_posts import Posts
from chimera.flows.conversation import Conversation
from chimera.platform.orchestration.talk import Heard
from chimera.platform.settings import Teams
from chimera.platform.store.notes import Notes

ANSWER = "chimera_answer"  # kind of message


class TeamsTalk(Talk):
    """Everybody in a thread reads the answers; a personal chat is one conversation."""

    chat = "teams"

    def __init__(
        self, settings: Teams, notes: Notes, who_is: WhoIs, conversation: Conversation
    ) -> None:
        delivery = Delivery(self.chat, notes)
        super().__init__(delivery, who_is, conversation)
        self._posts = Posts(settings, delivery)

    async def say(self, heard: Heard, reply: Reply, asked: str = "") -> None:
        place = (heard.place, heard.thread)
        await self._posts.post(ANSWER, heard.id, *rendered(reply, asked), place)

    async def refuse(self, heard: Heard, why: str) -> None:
        await self.say(heard, Reply(kind="refused", text=why))

    async def take_buttons(self, heard: Heard, line: str) -> None:
        _, _, question = (await self._delivery.get(f"reply:{heard.asked}") or "").partition(" ")
        if question:
            reply = Reply.model_validate_json(question)
            await self._posts.edit((heard.place, heard.button), *rendered(reply, word=line))
