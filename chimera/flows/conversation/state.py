"""What a conversation remembers, and what one turn works with."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypedDict

import chimera.tools
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.thinking import Thinker
from chimera.agents.supervisor import Supervisor
from chimera.agents.understanding.actions import Wish
from chimera.agents.understanding.names import Known
from chimera.agents.understanding.reading import Reading
from chimera.domain import ChimeraError, Estate, Principal
from chimera.domain.dialogue import Made
from chimera.domain.discovery import discover
from chimera.flows.conversation.door import Door
from chimera.platform.access import Datasets, MetricNames
from chimera.platform.catalog.shelf import Shelf
from chimera.tools.base import BoundTool, Tool

KEPT = 60  # messages of a thread
FRESH = 60.0  # seconds for which names are believed
INTERRUPTED = (
    "Chimera stopped in the middle of this and does not do it a second time unasked; "
    "ask which orders there are, to see what was done. Then ask again"
)


class Talk(TypedDict, total=False):
    """What is kept of a thread: plain values, so that any later release can read it.

    `pending` waits for the word of the one person who asked; `focus` is what "it" means; `mark`
    is the channel's name of the message, by which it knows one that is delivered again.
    """

    message: str
    person: str
    history: list[dict[str, str]]
    focus: dict[str, str]
    intent: str
    pending: dict[str, Any]
    placed: dict[str, str]  # the order of the message before
    wish: dict[str, Any]  # the wish of the message before: whose, and whether it was placed
    reply: dict[str, Any]
    route: str
    called: list[dict[str, Any]]
    forget: bool
    mark: str


@dataclass
class Turn:
    """One turn's own things; never kept. `who` is verified by the channel, never read from text."""

    who: Principal
    now: datetime
    supervisor: Supervisor
    tools: Mapping[str, BoundTool]
    door: Door | None
    names: Names
    known: Known = field(default_factory=Known)
    reading: Reading | None = None
    intent: str = ""
    further: tuple[tuple[str, Reading], ...] = ()  # the other questions of the same message
    thinker: Thinker | None = None  # None: the rules answer
    instead: str = ""  # why the rules answered although there is a model
    confirms: bool = False  # every order is asked about first, with its plan
    again: bool = False  # the same message was begun before, and not ended

    @property
    def made(self) -> Made | None:
        """How a model took part in the answer; None where none was asked."""
        made = self.thinker.made if self.thinker else None
        if made is None or not (made.requests or self.instead):
            return None
        return made.model_copy(update={"instead": self.instead})

    def ask(self, state: Talk) -> Ask:
        assert self.reading is not None
        return Ask(
            self.reading, self.intent, self.who, self.now, self.known, state.get("focus") or {}
        )

    def looks(self, tools: tuple[str, ...]) -> Looks:
        return Looks(self.tools, tools)


class Names:
    """Every name that means something, read from the services and believed for a while."""

    def __init__(self, services: Mapping[type, Any]) -> None:
        self._services = services
        self._found: Known | None = None
        self._read = 0.0

    async def known(self, now: datetime) -> Known:
        """What cannot be read is left out: its names are then refused by whoever needs them."""
        if self._found is not None and time.monotonic() - self._read < FRESH:
            return self._found
        shelf = self._services.get(Shelf, Shelf())
        found = Known(self._services.get(Estate, Estate()), runbooks=tuple(shelf.cards))
        metrics, datasets = self._services.get(MetricNames), self._services.get(Datasets)
        try:
            if metrics is not None:
                found = replace(found, metrics=await metrics.names(now))
            if datasets is not None:
                found = replace(found, columns=await datasets.schema())
        except ChimeraError:
            return found  # asked again at the next turn
        self._found, self._read = found, time.monotonic()
        return found


def bound(
    services: Mapping[type, Any], who: Principal, further: tuple[Tool, ...] = ()
) -> dict[str, BoundTool]:
    """Every tool whose services are there, on behalf of one person."""
    tools: dict[str, Tool] = discover(chimera.tools, Tool) | {one.name: one for one in further}
    offered = {**services, Principal: who}
    made = {name: one.bind(offered) for name, one in tools.items()}
    return {name: one for name, one in made.items() if one is not None}


def at_once(reply: Reply) -> Talk:
    """The step that ends a turn with this answer."""
    return {"route": "remember", "reply": reply.model_dump(mode="json")}


def packed(wish: Wish) -> dict[str, Any]:
    """A wish as plain values."""
    plain = {**vars(wish)}
    plain["lasts"] = wish.lasts.total_seconds() if wish.lasts is not None else None
    return plain


def unpacked(plain: Mapping[str, Any]) -> Wish:
    lasts = plain.get("lasts")
    values = {**plain, "lasts": timedelta(seconds=lasts) if lasts is not None else None}
    return Wish(**values)
