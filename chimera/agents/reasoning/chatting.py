"""A language model as conversations ask for one: by thread, with that thread's budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chimera.agents.reasoning.briefing import PROMPT
from chimera.agents.reasoning.prompts import version
from chimera.agents.reasoning.proposal import PROPOSE

if TYPE_CHECKING:
    from chimera.platform.models.dialogue import Dialogue, Hear
    from chimera.platform.models.model import LanguageModel

CHAT = version("chat", PROMPT, PROPOSE.model_dump_json())


def chatting(model: LanguageModel, hear: Hear | None = None) -> Callable[[str], Dialogue]:
    """What `Conversation` takes as its `model`. `hear` is given the words of an answer as they come."""

    def of(thread: str) -> Dialogue:
        return model.dialogue(thread, "chat", CHAT, model.access.turn_seconds, hear)

    return of
