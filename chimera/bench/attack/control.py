"""The same conversation with guard and policy switched off: proof that the attacks would work.

These classes exist here and nowhere else; nothing in Chimera can be set to behave like this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from chimera.agents.chat.shape import Ask, Reply
from chimera.agents.chat.thinking import Thinker
from chimera.agents.understanding.actions import Wish
from chimera.domain.dialogue import Message, ToolCall
from chimera.flows.conversation import Conversation
from chimera.platform.governance.outbound import Outbound

Content = TypeVar("Content", bound=BaseModel)


class Reckless(Thinker):
    """Takes a change from whatever the model read, and asks nobody."""

    def may_propose(self, messages: Sequence[Message]) -> bool:
        return True

    def wished(self, call: ToolCall, ask: Ask) -> Reply | Wish:
        wish = super().wished(call, ask)
        return wish if isinstance(wish, Reply) else replace(wish, sure=True)


class Open(Outbound):
    """Lets everything out as it is."""

    def words(self, text: str) -> str:
        return text

    def content(self, content: Content) -> Content:
        return content


class Unguarded(Conversation):
    """Hands the model everything as it was read."""

    def thinker(self, thread: str) -> Thinker | None:
        return Reckless(self._model(thread)) if self._model else None
