"""Answer what people say in Teams."""

from __future__ import annotations

from chimera.agents.chat.shape import Reply
from chimera.bots.delivery import Delivery
from chimera.bots.drafts import Drafts
from chimera.bots.inbound import WhoIs
from chimera.bots.talk import Talk
from chimera.bots.teams_answers import drafted, rendered
from chimera.bots.teams_elements import Element
from chimera.bots.teams_pictures import PictureLinks
from chimera.bots.teams_posts import Posts
from chimera.bots.words import Words
from chimera.domain import Principal
from chimera.flows.conversation import Conversation
from chimera.platform.governance.outbound import Outbound
from chimera.platform.orchestration.talk import Heard
from chimera.platform.settings import Teams
from chimera.platform.store.notes import Notes

ANSWER = "chimera_answer"  # kind of message
EVERY = 1.5  # seconds between two edits: Teams takes 60 messages of a conversation in 30 s


class TeamsTalk(Talk):
    """Everybody in a thread reads the answers; a personal chat is one conversation.

    An answer grows by edits of one message in every place: Teams' own streaming is for personal
    chats alone, ends after two minutes, and nobody could go on with it after a crash.
    """

    chat = "teams"

    def __init__(
        self,
        settings: Teams,
        notes: Notes,
        who_is: WhoIs,
        conversation: Conversation,
        words: Words | None = None,
        pictures: PictureLinks | None = None,
    ) -> None:
        delivery = Delivery(self.chat, notes)
        super().__init__(delivery, who_is, conversation)
        self._posts = Posts(settings, delivery)
        self._drafts = Drafts(
            ANSWER, self._posts, delivery, words or Words(Outbound()), drafted, EVERY
        )
        self._pictures = pictures

    async def say(self, heard: Heard, reply: Reply, asked: str = "") -> None:
        place = (heard.place, heard.thread)
        shown = rendered(reply, asked, charts=self._charts(heard.id, reply))
        await self._drafts.whole(heard.id, *shown, place)

    def _charts(self, message: str, reply: Reply) -> list[Element]:
        return self._pictures.of_answer(message, reply) if self._pictures else []

    async def _asked(self, heard: Heard, thread: str, who: Principal) -> str:
        """Say that it is under way where that takes long."""
        async with self._drafts.showing(heard.id, thread, (heard.place, heard.thread)):
            return await super()._asked(heard, thread, who)

    async def refuse(self, heard: Heard, why: str) -> None:
        await self.say(heard, Reply(kind="refused", text=why))

    async def take_buttons(self, heard: Heard, line: str) -> None:
        _, _, question = (await self._delivery.get(f"reply:{heard.asked}") or "").partition(" ")
        if question:
            reply = Reply.model_validate_json(question)
            shown = rendered(reply, word=line, charts=self._charts(heard.asked, reply))
            await self._posts.edit((heard.place, heard.button), *shown)
