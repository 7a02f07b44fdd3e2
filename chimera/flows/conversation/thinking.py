"""The node in which a model plans and words; where it cannot be asked, the rules answer."""

from __future__ import annotations

from dataclasses import replace

import structlog
from langgraph.runtime import Runtime

from chimera.agents.chat.shape import Looks, Reply
from chimera.agents.chat.thinking import Thread
from chimera.domain import ChimeraError
from chimera.flows.conversation.proposing import calls
from chimera.flows.conversation.state import Talk, Turn
from chimera.flows.conversation.supervising import by_rules

BEFORE = 8  # lines of a thread that a model is told
log = structlog.get_logger(__name__)


async def think(state: Talk, runtime: Runtime[Turn]) -> Talk:
    """Ask the model. A change that it proposes goes the way of every wish, and is asked about."""
    turn = runtime.context
    assert turn.thinker is not None
    looks = Looks(turn.tools, tuple(turn.tools))
    try:
        thought = await turn.thinker.think(turn.ask(state), looks, thread_of(state, turn))
    except ChimeraError as error:
        log.warning("the model could not answer; the rules do", reason=str(error))
        turn.instead = str(error)
        return by_rules(state, turn)
    if isinstance(thought, Reply):
        return {
            "route": "remember",
            "reply": thought.model_dump(mode="json"),
            "focus": {**(state.get("focus") or {}), **thought.focus},
            "called": calls(looks.called),
        }
    assert turn.reading is not None
    turn.reading = replace(turn.reading, wishes=(thought,))
    return {"route": "propose", "called": calls(looks.called)}


def thread_of(state: Talk, turn: Turn) -> Thread:
    """What was said before, by who said it. Chimera's answers told what others wrote."""
    lines = (state.get("history") or [])[-BEFORE:]
    own = tuple(one["text"] for one in lines if one["who"] == turn.who.id)
    others = tuple(f"{one['who']}: {one['text']}" for one in lines if one["who"] != turn.who.id)
    return Thread(own, others)
