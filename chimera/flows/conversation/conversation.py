"""Conversations: threads that outlive restarts, several people in each, forgetting."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, cast

from chimera.agents.chat.shape import Reply
from chimera.agents.chat.thinking import Thinker
from chimera.agents.reasoning.briefing import Briefing
from chimera.agents.supervisor import Supervisor
from chimera.domain import Estate, Principal
from chimera.domain.dialogue import Model
from chimera.flows.conversation.accounting import Accounts
from chimera.flows.conversation.door import Door
from chimera.flows.conversation.graph import graph
from chimera.flows.conversation.state import Names, Talk, Turn, bound
from chimera.platform.governance.outbound import GuardedModel, Outbound
from chimera.platform.models.tracing import listed, traced
from chimera.platform.settings import Settings
from chimera.platform.store.sqlite import private
from chimera.tools.base import BoundTool, Tool

Models = Callable[[str], Model]  # a thread's model, asked for at each turn


class Conversation:
    """Answers people, thread by thread.

    `services` are what the tools stand on, by type. Without a `door` nothing can be proposed.
    `checkpointer` is LangGraph's; without one a thread is forgotten with its answer. Without a
    `model` the rules answer. Whatever is said, to people or to the model, leaves through
    `outbound`; without one it is made from the settings among the services. `further` are tools
    beside those of the package. With `confirms` every order is asked about first.
    """

    def __init__(
        self,
        services: Mapping[type, Any],
        door: Door | None = None,
        checkpointer: Any = None,
        supervisor: Supervisor | None = None,
        model: Models | None = None,
        outbound: Outbound | None = None,
        further: Sequence[Tool] = (),
        confirms: bool = False,
    ) -> None:
        self.services = dict(services)
        self.supervisor = supervisor or Supervisor()
        self._door = door
        self._checkpointer = checkpointer
        self._model = model
        self._briefing = Briefing.of(self.services)
        self._outbound = outbound or Outbound.of(services.get(Settings), services.get(Estate))
        self._further = tuple(further)
        self._confirms = confirms
        self._graph = graph(self.supervisor, checkpointer)
        self._names = Names(self.services)
        self._traced_by = listed(services)
        self._accounts = Accounts(self.services)
        self._tools: dict[Principal | tuple[str, ...], dict[str, BoundTool]] = {}
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        file: Path,
        services: Mapping[type, Any],
        door: Door | None = None,
        model: Models | None = None,
        confirms: bool = False,
    ) -> AsyncIterator[Self]:
        """With its threads in an SQLite file."""
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

        file.parent.mkdir(parents=True, exist_ok=True)
        private(file)
        async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
            made = cls(services, door, saver, model=model, confirms=confirms)
            # It learns for seconds, in which this process would answer nobody: not at the first turn.
            await asyncio.to_thread(getattr, made.supervisor, "intents")
            yield made

    async def say(
        self, thread: str, text: str, who: Principal, now: datetime | None = None
    ) -> Reply:
        """Answer one message of a person; `who` was verified by the channel."""
        reply, _ = await self.turn(thread, text, who, now)
        return reply

    async def turn(
        self,
        thread: str,
        text: str,
        who: Principal,
        now: datetime | None = None,
        mark: str = "",
        focus: Mapping[str, str] | None = None,
    ) -> tuple[Reply, Talk]:
        """The answer, and the state of the thread after it.

        `mark` names the message: where it was answered last, that answer comes again and nothing is
        done; where it was begun and not ended, it is answered anew and changes nothing. `focus` is
        what a new thread is about.
        """
        async with self._one_at_a_time[thread]:
            config: Any = {"configurable": {"thread_id": thread}}
            before, ended = await self._before(config)
            again = bool(mark) and before.get("mark") == mark
            if again and ended and before.get("reply"):
                return self._outbound.content(Reply.model_validate(before["reply"])), before
            began = await self._accounts.heard(thread, text, who, mark)
            turn = Turn(
                who=who,
                now=now or datetime.now(UTC),
                supervisor=self.supervisor,
                tools=self._bound(who),
                door=self._door,
                names=self._names,
                thinker=self.thinker(thread),
                confirms=self._confirms,
                again=again,
            )
            fresh: Talk = {
                "message": text,
                "person": who.id,
                "reply": {},
                "route": "",
                "called": [],
                "forget": False,
                "mark": mark,
            }
            if focus and not before.get("focus"):
                fresh["focus"] = dict(focus)
            with traced(self._traced_by):
                end = cast(Talk, await self._graph.ainvoke(fresh, config, context=turn))
            if end.get("forget"):
                await self.forget(thread)
            reply = self._outbound.content(Reply.model_validate(end["reply"]))
            await self._accounts.answered(thread, text, who, mark, reply, end, began)
            return reply, end

    async def said(self, incident: str, text: str, who: Principal, mark: str) -> None:
        """Keep what a person says in an incident's thread for its timeline; `mark` names the message."""
        await self._accounts.said(incident, text, who, mark)

    async def turned_away(self, thread: str, text: str, who: Principal, mark: str = "") -> None:
        """Account for a message that is not answered, since nobody knows its writer."""
        await self._accounts.turned_away(thread, text, who, mark)

    async def _before(self, config: Any) -> tuple[Talk, bool]:
        """What a thread remembers, and whether its last turn came to its end."""
        if self._checkpointer is None:
            return {}, True
        kept = await self._graph.aget_state(config)
        return cast(Talk, kept.values), not kept.next

    def thinker(self, thread: str) -> Thinker | None:
        """Whoever plans and words in this turn; the model reads nothing that was not passed."""
        if self._model is None:
            return None
        return Thinker(GuardedModel(self._model(thread), self._outbound), self._briefing)

    async def history(self, thread: str) -> list[dict[str, str]]:
        """What was said in a thread: who, text, at."""
        if self._checkpointer is None:
            return []
        config: Any = {"configurable": {"thread_id": thread}}
        kept = await self._graph.aget_state(config)
        said: list[dict[str, str]] = kept.values.get("history") or []
        return [{**one, "text": self._outbound.words(one["text"])} for one in said]

    async def forget(self, thread: str) -> None:
        """Delete everything of a thread."""
        if self._checkpointer is not None:
            await self._checkpointer.adelete_thread(thread)

    def _bound(self, who: Principal) -> dict[str, BoundTool]:
        key = (who.id, who.via, *who.roles)
        if key not in self._tools:
            self._tools[key] = bound(self.services, who, self._further)
        return self._tools[key]
