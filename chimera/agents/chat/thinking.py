"""A model as the one who plans and words; what it may move is decided here, by who wrote what it read.

A change can be proposed only in answer to a request that holds nothing but Chimera's own words and
those of the person who asks. Once anything that others wrote has been read (and every tool's answer
counts as that), the model can look and speak, and nothing else, whatever it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import structlog

from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.reasoning.briefing import ROUNDS, WIDE, Briefing
from chimera.agents.reasoning.citing import Cited
from chimera.agents.reasoning.proposal import PROPOSE, wished
from chimera.agents.reasoning.shown import at_now, shown
from chimera.agents.understanding.actions import Wish
from chimera.agents.understanding.grammar import VERBS
from chimera.agents.understanding.names import INCIDENT
from chimera.domain.dialogue import Accounted, Made, Message, Model, ToolCall, ToolOffer
from chimera.tools.base import Tool

REMEMBER = ToolOffer(
    name="read_conversation",
    purpose="What you and other people said before in this conversation.",
    arguments={"type": "object", "properties": {}, "additionalProperties": False},
)
UNSEEN = "Nothing was looked at and nothing was done for this answer."
UNDONE = "Nothing was done for this answer."
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Thread:
    """What was said before: the asker's own words, and everybody else's."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        return "\n".join(("Said before in this conversation:", *self.others))


class Thinker:
    """Asks one model, round by round. `reply` or `wish` is what a turn comes to."""

    def __init__(
        self, model: Model, briefing: Briefing | None = None, rounds: int = ROUNDS
    ) -> None:
        self._model, self._briefing, self._rounds = model, briefing or Briefing(), rounds

    @property
    def made(self) -> Made | None:
        """How the answers came about, if the model knows."""
        return self._model.made if isinstance(self._model, Accounted) else None

    async def think(self, ask: Ask, looks: Looks, thread: Thread) -> Reply | Wish:
        """Raises Unavailable, Refused when the model cannot be asked."""
        messages = [*self._briefing.beginning(ask, thread.own)]
        offers = [offer(bound.tool) for name, bound in looks.tools.items() if name in looks.allowed]
        cited, focus, note = Cited(), focus_of(ask), UNSEEN
        for left in range(self._rounds - 1, -1, -1):
            able = self.may_propose(messages)
            further = [PROPOSE, *([REMEMBER] if thread.others else [])] if able else []
            answer = await self._model.complete(messages, [*offers, *further] if left else ())
            wish = next((c for c in answer.calls if c.name == PROPOSE.name), None)
            if wish is not None and able:
                return self.wished(wish, ask)
            wanted = [c for c in answer.calls[:WIDE] if c.name in (*looks.allowed, REMEMBER.name)]
            for call in answer.calls:
                if call not in wanted:
                    log.warning("a model's call is refused", call=call.name, who=ask.who.id)
            if not wanted or not left:
                return worded(answer.text, cited, focus, note)
            note = UNDONE if VERBS.search(ask.reading.text.lower()) else ""
            if able:
                focus = focus or focus_of(ask, wanted)
            writer = "chimera" if able else "others"
            messages.append(
                Message(role="assistant", text=answer.text, writer=writer, calls=tuple(wanted))
            )
            for call in wanted:
                messages.append(
                    Message(
                        role="tool",
                        text=await self._seen(call, ask, looks, thread, cited),
                        answers=call.id,
                    )
                )
            if able and thread.others and all(call.name != REMEMBER.name for call in wanted):
                messages.append(Message(role="user", text=thread.told))
        raise AssertionError("the last round always answers")

    async def _seen(
        self, call: ToolCall, ask: Ask, looks: Looks, thread: Thread, cited: Cited
    ) -> str:
        """What a call shows. The message that holds it is of others, whatever it is."""
        if call.name == REMEMBER.name:
            return thread.told
        look = await looks.see(
            call.name, **at_now(call.arguments, looks.tools.get(call.name), ask.now)
        )
        cited.see(look.evidence)
        return shown(look, named=cited.name)

    def may_propose(self, messages: Sequence[Message]) -> bool:
        """Whether nothing in a request was written by others."""
        return all(message.writer != "others" for message in messages)

    def wished(self, call: ToolCall, ask: Ask) -> Reply | Wish:
        """The proposal as a wish, which the person must still say yes to."""
        return wished(call, ask)


def focus_of(ask: Ask, calls: Iterable[ToolCall] = ()) -> dict[str, str]:
    """What "it" means after the answer: what the person named; or else the one thing that was asked
    for in calls, which were made before anything of others was read."""
    named = ask.reading.named
    said = {"node": ask.named, "incident": named.incident, "order": named.order}
    if any(said.values()):
        return {kind: name for kind, name in said.items() if name}
    given = [value for call in calls for value in call.arguments.values()]
    texts = {str(t) for value in given for t in (value if isinstance(value, list) else [value])}
    found = {
        "node": texts & set(ask.known.nodes),
        "incident": {text for text in texts if INCIDENT.fullmatch(text)},
    }
    return {kind: names.pop() for kind, names in found.items() if len(names) == 1}


@cache
def offer(tool: Tool) -> ToolOffer:
    """A tool as a model is offered it."""
    return ToolOffer(
        name=tool.name, purpose=tool.purpose, arguments=tool.arguments.model_json_schema()
    )


def worded(text: str, cited: Cited, focus: dict[str, str], note: str) -> Reply:
    """The model's words with the evidence that they cite. It cannot make evidence of its own, and
    says what it likes of its deeds: the `note` is what Chimera knows of them."""
    if not text.strip():
        return Reply(
            kind="unclear", text="I have no answer to that. Say `help` to see what I can do."
        )
    said, evidence = cited.read(text)
    if note and note.lower() not in said.lower():
        said = f"{said}\n\n{note}"
    return Reply(text=said, evidence=evidence, focus=focus)
