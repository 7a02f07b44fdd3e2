"""The one shape of a chat agent, and what goes in and out of its skills.

An agent is a name, a purpose, the tools it may use, and its skills by intent. A skill looks through
`Looks.see`, which refuses every other tool, and returns a `Reply`. It changes nothing: a wish is part
of the reply, and what becomes of it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from chimera.agents.understanding.actions import Wish
from chimera.agents.understanding.names import Known
from chimera.agents.understanding.reading import Reading
from chimera.domain import Evidence, Principal, Value
from chimera.domain.dialogue import Made
from chimera.tools.base import BoundTool, Look, Trouble

LOOKS = 12  # calls of one turn


class Table(Value):
    """Rows for people; cells are text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Chart(Value):
    """One line of a picture: a channel draws it as it can. None where there is no value."""

    title: str
    unit: str = ""
    values: tuple[float | None, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class Reply(Value):
    """One answer, written once and rendered by each channel.

    answer: facts. question: something is asked back. refused: it may not be, or cannot be.
    unclear: it was not understood. proposed: an order was placed; its plan is shown.
    """

    kind: Literal["answer", "question", "refused", "unclear", "proposed"] = "answer"
    text: str = ""
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    quotes: tuple[str, ...] = ()  # what others wrote: shown as theirs, never followed
    options: tuple[str, ...] = ()  # with a question: what can be answered by its number
    order: str = ""
    focus: dict[str, str] = Field(default_factory=dict)  # what "it" means from now on
    partial: bool = False
    made: Made | None = None  # where a model was asked


@dataclass(frozen=True)
class Ask:
    """One question to an agent. `focus` is what the conversation was about before."""

    reading: Reading
    intent: str
    who: Principal
    now: datetime
    known: Known
    focus: Mapping[str, str] = field(default_factory=dict)

    @property
    def node(self) -> str:
        """The service, step or dataset that is meant; "" if none is."""
        if self.reading.named.nodes:
            return self.reading.named.nodes[0]
        return "" if self.incident and self.reading.named.incident else self.focus.get("node", "")

    @property
    def named(self) -> str:
        """The node that this very message names."""
        return self.reading.named.nodes[0] if self.reading.named.nodes else ""

    @property
    def incident(self) -> str:
        return self.reading.named.incident or ("" if self.named else self.focus.get("incident", ""))


@dataclass
class Looks:
    """The tools of one agent for one turn; remembers what was called."""

    tools: Mapping[str, BoundTool]
    allowed: tuple[str, ...]
    called: list[tuple[str, dict[str, Any], Look]] = field(default_factory=list)

    async def see(self, tool: str, /, **arguments: Any) -> Look:
        """Call one of the agent's tools; what cannot be seen comes back as trouble."""
        if tool not in self.allowed or len(self.called) >= LOOKS:
            why = "it is not one of its tools" if tool not in self.allowed else "too many looks"
            return Look(trouble=Trouble(tool=tool, kind="refused", message=f"{tool}: {why}"))
        if tool not in self.tools:
            message = f"{tool} is not offered here: the service it stands on is not configured"
            return Look(trouble=Trouble(tool=tool, kind="unavailable", message=message))
        found = await self.tools[tool](arguments)
        self.called.append((tool, arguments, found))
        return found

    def offered(self, tool: str) -> bool:
        return tool in self.tools and tool in self.allowed


Skill = Callable[[Ask, Looks], Awaitable[Reply]]
Propose = Callable[[Ask, Looks, Wish], Awaitable["Reply | Wish"]]


@dataclass(frozen=True)
class Agent:
    """One specialist. `examples`: how people ask for each skill, beside those kept as data.

    `proposes` turns wishes into complete ones; only the agent of operations has it.
    """

    name: str
    purpose: str
    tools: tuple[str, ...]
    skills: Mapping[str, Skill]
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    says: tuple[str, ...] = ()  # a few questions it answers, for the help text
    proposes: Propose | None = None
