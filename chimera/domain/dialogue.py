"""What is said to a model and what it answers; each text tells who wrote it.

`writer` is set where a text enters, never read from it, and what nobody set counts as data. Only
words of Chimera's own and of the person who asks can move a change; see docs/security.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import Field

from chimera.domain.base import Value

Writer = Literal["chimera", "asker", "others"]


class ToolCall(Value):
    """What a model wants called."""

    id: str
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class ToolOffer(Value):
    """What a model may call: a name, a purpose, a JSON Schema of the arguments."""

    name: str
    purpose: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Message(Value):
    """One message of a dialogue with a model, in the roles that every model knows."""

    role: Literal["system", "user", "assistant", "tool"]
    text: str = ""
    writer: Writer = "others"
    calls: tuple[ToolCall, ...] = ()  # of an assistant
    answers: str = ""  # of a tool: the id of the call


class Completion(Value):
    """What a model answered: words, or calls, or both."""

    text: str = ""
    calls: tuple[ToolCall, ...] = ()


class Made(Value):
    """How an answer came about: recorded with it."""

    model: str  # the version that the server names
    prompt: str  # the version of what it was told
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    seconds: float = 0.0
    counted: bool = True  # by the server; otherwise estimated
    instead: str = ""  # why the rules answered in the end


@runtime_checkable
class Accounted(Protocol):
    """A model that knows what its answers took."""

    @property
    def made(self) -> Made | None: ...


class Model(Protocol):
    """Any model. Raises Unavailable, or Refused when a budget is spent."""

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolOffer] = ()
    ) -> Completion:
        """Answer once."""
        ...
