"""The investigator: finds the cause of an incident with read-only tools."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import chimera.tools
from chimera.agents.base import Investigation, Limits, Means, Planner, Task, graph
from chimera.agents.dossier import dossier_of
from chimera.agents.findings import case_of, no_answer
from chimera.agents.planner import RulePlanner
from chimera.agents.recording import record_of
from chimera.diagnosis.nodes import views
from chimera.domain import (
    CHIMERA,
    Diagnosis,
    Dossier,
    Estate,
    Incident,
    Principal,
    RunbookCard,
    RunRecord,
)
from chimera.domain.discovery import discover
from chimera.platform.models.tracing import listed, traced
from chimera.tools.base import Tool

Keep = Callable[[Dossier], Awaitable[None]]
Record = Callable[[RunRecord], Awaitable[None]]
GRACE = 3.0  # seconds to conclude in, once the time for looking is over


class Investigator:
    """Investigates one incident at a time; keeps nothing between two.

    `services` are what the tools stand on, by type (Window, Prometheus, Changes, LogFiles, Store,
    Estate, Settings); a tool whose service is missing is not offered. `cards` are the runbooks as
    data. Without a `planner` the rules plan. `keep` is given what was looked at whenever a cause is
    named, `record` how each run went.
    """

    def __init__(
        self,
        services: Mapping[type, Any],
        cards: Sequence[RunbookCard] = (),
        *,
        planner: Planner | None = None,
        limits: Limits | None = None,
        who: Principal = CHIMERA,
        keep: Keep | None = None,
        record: Record | None = None,
    ) -> None:
        found: dict[str, Tool] = discover(chimera.tools, Tool)
        offered = {Principal: who, **services}
        bound = {name: one.bind(offered) for name, one in found.items()}
        self.missing = {
            name: one.missing(offered) for name, one in found.items() if bound[name] is None
        }
        self._means = Means(
            tools={name: one for name, one in bound.items() if one is not None},
            planner=planner or RulePlanner(),
            estate=services.get(Estate, Estate()),
            cards=tuple(cards),
            limits=limits or Limits(),
        )
        self._graph = graph()
        self._traced_by = listed(services)
        self._keep = keep
        self._record = record

    async def investigate(
        self,
        incident: Incident,
        exclude: tuple[tuple[str, str], ...] = (),
        now: datetime | None = None,
    ) -> Diagnosis:
        """The causes of an incident, best first, or why none can be named. Always answers.

        `exclude`: (runbook, target) that were tried for it and did not help.
        """
        limits, began = self._means.limits, datetime.now(UTC)
        means = replace(self._means, deadline=time.monotonic() + limits.seconds)
        task = Task(incident, now or datetime.now(UTC), exclude)
        start: Investigation = {"task": task, "seen": {}, "steps": 0}
        try:
            async with asyncio.timeout(limits.seconds + GRACE):
                # Each round is two nodes; the graph's own limit must never be the first to end it.
                config: Any = {"recursion_limit": 2 * limits.looks + 10}
                with traced(self._traced_by):
                    end: Any = await self._graph.ainvoke(start, config, context=means)
        except TimeoutError:
            why = f"No cause was named within {limits.seconds:.0f} s."
            return no_answer(why, (f"signals of {incident.service}",), 0, partial=True)
        answer: Diagnosis = end["diagnosis"]
        if self._record:
            await self._record(record_of(end, answer, began))
        if self._keep and answer.findings:
            case = case_of(end, means)
            await self._keep(dossier_of(end, case, views(case), answer.findings))
        return answer
