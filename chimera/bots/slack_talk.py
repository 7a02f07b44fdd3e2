"""Answer what people say in Slack, as the person that Slack says they are, once each."""

from __future__ import annotations

from chimera.agents.chat.shape import Reply
from chimera.bots.delivery import Delivery
from chimera.bots.slack_answers import rendered
from chimera.bots.slack_blocks import Block, cut, escaped, section
from chimera.bots.slack_inbound import WhoIs
from chimera.bots.slack_posts import Posts
from chimera.bots.slack_replies import told
from chimera.domain import Principal
from chimera.flows.conversation import Conversation
from chimera.platform.orchestration.talk import Heard
from chimera.platform.settings import Slack
from chimera.platform.store.notes import Notes

ANSWER = "chimera_answer"  # kind of message


class SlackTalk:
    """Each thread is a conversation, so is each person's direct messages and their `/chimera`.

    What is answered is a note, and a post is found again by its mark: an activity that is tried
    again says nothing twice. A question that waits has two buttons, which hold for that question
    and that person alone.
    """

    def __init__(
        self, settings: Slack, notes: Notes, who_is: WhoIs, conversation: Conversation
    ) -> None:
        self._delivery = Delivery("slack", notes)
        self._posts = Posts(settings, self._delivery)
        self._who_is = who_is
        self._conversation = conversation

    async def answer(self, heard: Heard) -> None:
        """Answer one message. Raises Unavailable, Refused."""
        who = self._who_is(heard.team, heard.user)
        thread = thread_of(heard)
        async with self._delivery.alone(thread):
            if await self._delivery.get(f"answered:{heard.id}"):
                return
            if who.id.startswith("slack:"):
                await self._say(heard, *rendered(Reply(kind="refused", text=stranger(heard))))
            else:
                await self._converse(heard, thread, who)
            await self._delivery.put(f"answered:{heard.id}", "yes")

    async def _converse(self, heard: Heard, thread: str, who: Principal) -> None:
        """Have it answered, and the answer written down before it is said."""
        kept = await self._delivery.get(f"reply:{heard.id}")
        if kept is None:
            if heard.kind == "press" and (refused := await self._not_theirs(heard, thread, who)):
                await told(heard.reply_to, escaped(refused))
                return
            kept = await self._asked(heard, thread, who)
        waits, _, reply = kept.partition(" ")
        buttons = heard.id if waits == "waits" and heard.kind != "command" else ""
        await self._say(heard, *rendered(Reply.model_validate_json(reply), buttons))
        if heard.kind == "press":
            await self._take_buttons(heard, who)

    async def _asked(self, heard: Heard, thread: str, who: Principal) -> str:
        """Whether the answer waits for a word, and the answer."""
        place = f"{heard.place}/{heard.thread}"
        incident = await self._delivery.get(f"incident:{place}") if heard.thread else None
        if heard.thread:
            await self._delivery.put(f"talk:{place}", "yes")
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

    async def _not_theirs(self, heard: Heard, thread: str, who: Principal) -> str:
        """Why this press counts for nothing; "" where it does."""
        asked, _, person = (await self._delivery.get(f"asks:{thread}") or "").partition(" ")
        if asked != heard.asked:
            return "That question does not wait for an answer any more; nothing was done."
        if person != who.id:
            return f"That question was for {person}; only {person} can answer it."
        return ""

    async def _say(self, heard: Heard, text: str, blocks: list[Block]) -> None:
        if heard.kind == "command":
            await told(heard.reply_to, text, blocks)
            return
        place = (heard.place, heard.thread)
        await self._posts.post(ANSWER, heard.id, text, blocks, place)

    async def _take_buttons(self, heard: Heard, who: Principal) -> None:
        """Put the word that was given where the buttons were."""
        said = "Confirmed" if heard.text == "yes" else "Cancelled"
        line = cut(escaped(f"{said} by {who.name or who.id}"), 300)
        word = {"type": "context", "elements": [{"type": "mrkdwn", "text": line}]}
        place = (heard.place, heard.button)
        await self._posts.edit(place, heard.shown, [section(heard.shown), word])


def thread_of(heard: Heard) -> str:
    """The conversation that a message belongs to."""
    if heard.kind == "command":
        return f"slack/{heard.team}/{heard.user}/command"
    return f"slack/{heard.place}/{heard.thread}".rstrip("/")


def stranger(heard: Heard) -> str:
    """For somebody who is nobody in people.toml."""
    return (
        f"I do not know you, so I tell you nothing. Ask an administrator of Chimera to run "
        f"`chimera people add NAME --slack {heard.team}/{heard.user}`, then ask again."
    )
