"""Answer what people say in Slack."""

from __future__ import annotations

import asyncio

import structlog

from chimera.agents.chat.shape import Reply
from chimera.bots.charts import charted, picture
from chimera.bots.delivery import Delivery
from chimera.bots.drafts import Drafts
from chimera.bots.inbound import WhoIs
from chimera.bots.slack_answers import drafted, rendered
from chimera.bots.slack_api import slack_hosts
from chimera.bots.slack_blocks import cut, escaped, section, small
from chimera.bots.slack_files import Files
from chimera.bots.slack_posts import Place, Posts
from chimera.bots.slack_replies import told
from chimera.bots.talk import Talk
from chimera.bots.words import Words
from chimera.domain import Principal, Refused
from chimera.flows.conversation import Conversation
from chimera.platform.governance.outbound import Outbound
from chimera.platform.orchestration.talk import Heard
from chimera.platform.settings import Slack
from chimera.platform.store.notes import Notes

ANSWER = "chimera_answer"  # kind of message
log = structlog.get_logger(__name__)


class SlackTalk(Talk):
    """A person's `/chimera` is a conversation too, whose answers that person alone sees."""

    chat = "slack"

    def __init__(
        self,
        settings: Slack,
        notes: Notes,
        who_is: WhoIs,
        conversation: Conversation,
        words: Words | None = None,
    ) -> None:
        delivery = Delivery(self.chat, notes)
        super().__init__(delivery, who_is, conversation)
        self._posts = Posts(settings, delivery)
        self._files = Files(settings, delivery, self._posts)
        self._drafts = Drafts(ANSWER, self._posts, delivery, words or Words(Outbound()), drafted)
        self._hosts = slack_hosts(settings)

    async def say(self, heard: Heard, reply: Reply, asked: str = "") -> None:
        text, blocks = rendered(reply, asked)
        if heard.kind == "command":
            await told(self._hosts, heard.reply_to, text, blocks)
            return
        place = (heard.place, heard.thread)
        await self._drafts.whole(heard.id, text, blocks, place)
        await self._illustrate(heard, reply, place)

    async def _asked(self, heard: Heard, thread: str, who: Principal) -> str:
        """Say that it is under way where that takes long."""
        if heard.kind == "command":
            return await super()._asked(heard, thread, who)
        async with self._drafts.showing(heard.id, thread, (heard.place, heard.thread)):
            return await super()._asked(heard, thread, who)

    async def _illustrate(self, heard: Heard, reply: Reply, place: Place) -> None:
        """Pictures follow the words, once each; without the right to send files words do."""
        try:
            for at, chart in enumerate(charted(reply), 1):
                drawn = await asyncio.to_thread(picture, chart, f"chart-{at}")
                await self._files.share(f"{heard.id}/chart/{at}", drawn, place)
        except Refused as error:
            log.warning("slack_picture_not_sent", message=heard.id, error=str(error))

    async def refuse(self, heard: Heard, why: str) -> None:
        await told(self._hosts, heard.reply_to, escaped(why))

    async def take_buttons(self, heard: Heard, line: str) -> None:
        place = (heard.place, heard.button)
        await self._posts.edit(place, heard.shown, [section(heard.shown), small(cut(line, 300))])
