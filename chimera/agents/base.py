"""The one graph that all agents share: plan, look, plan again, conclude.

Whoever plans (rules here; a model is another planner) only names the tools to call. The graph
calls them, serves a repeated call from the run's own memory, and stops at the limit of looks or of
time, when it asks for a conclusion from what there is: there is always an answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chimera.domain import Diagnosis, Estate, Incident, RunbookCard
from chimera.tools.base import BoundTool, Look, Trouble


@dataclass(frozen=True)
class Call:
    """A look that a planner wants."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    by: Literal["rules", "model"] = "rules"  # what a model looks at never enters the ranking

    @property
    def key(self) -> str:
        """The same for the same call, however its arguments are ordered."""
        return f"{self.tool} {json.dumps(self.arguments, sort_keys=True, default=str)}"


@dataclass(frozen=True)
class Limits:
    """When a run must answer, whatever it knows."""

    looks: int = 16
    seconds: float = 25.0


@dataclass(frozen=True)
class Task:
    """What is asked."""

    incident: Incident
    now: datetime
    # (runbook, target) that were tried for this incident and did not help.
    exclude: tuple[tuple[str, str], ...] = ()


class Investigation(TypedDict, total=False):
    """What a run knows so far. Clients and settings live in `Means`, never here."""

    task: Task
    calls: tuple[Call, ...]
    seen: dict[str, tuple[Call, Look]]  # the run's memory, by the call's key
    beside: dict[str, tuple[Call, Look]]  # what a model looked at, apart from what is ranked
    steps: int
    plans: tuple[tuple[str, ...], ...]  # the keys of the calls that each plan asked for
    diagnosis: Diagnosis


class Planner(Protocol):
    """Says what to look at next, and what it all means."""

    async def plan(self, run: Investigation, means: Means) -> Sequence[Call]:
        """The next looks; none when it is time to conclude."""
        ...

    async def conclude(self, run: Investigation, means: Means) -> Diagnosis:
        """The answer from what was seen."""
        ...


@dataclass(frozen=True)
class Means:
    """What a run works with; not part of its state."""

    tools: Mapping[str, BoundTool]
    planner: Planner
    estate: Estate
    cards: tuple[RunbookCard, ...] = ()
    limits: Limits = Limits()
    deadline: float = float("inf")  # on time.monotonic()

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.deadline - time.monotonic())


def spent(run: Investigation, means: Means) -> bool:
    """Whether the run may look no more."""
    return run.get("steps", 0) >= means.limits.looks or means.left <= 0


async def plan(state: Investigation, runtime: Runtime[Means]) -> Investigation:
    """Ask the planner what to look at next; what was seen already is not asked again."""
    means = runtime.context
    if spent(state, means):
        return {"calls": ()}
    try:
        async with asyncio.timeout(means.left):
            wanted = await means.planner.plan(state, means)
    except TimeoutError:
        return {"calls": ()}
    seen = {**state.get("seen", {}), **state.get("beside", {})}
    new = {call.key: call for call in wanted if call.key not in seen}
    room = means.limits.looks - state.get("steps", 0)
    calls = tuple(new.values())[:room]
    if not calls:
        return {"calls": ()}
    return {"calls": calls, "plans": (*state.get("plans", ()), tuple(c.key for c in calls))}


async def look(state: Investigation, runtime: Runtime[Means]) -> Investigation:
    """Call the tools side by side; what they could not see is remembered too."""
    means, calls = runtime.context, state["calls"]
    looks = await asyncio.gather(*(one(call, means) for call in calls))
    seen, beside = dict(state.get("seen", {})), dict(state.get("beside", {}))
    for call, found in zip(calls, looks, strict=True):
        (beside if call.by == "model" else seen)[call.key] = call, found
    steps = state.get("steps", 0) + len(calls)
    return {"seen": seen, "beside": beside, "steps": steps, "calls": ()}


async def one(call: Call, means: Means) -> Look:
    """Call one tool, in what is left of the run's time."""
    bound = means.tools.get(call.tool)
    if bound is None:
        offered = ", ".join(sorted(means.tools)) or "none"
        message = f"there is no tool {call.tool!r} here; these are: {offered}"
        return Look(trouble=Trouble(tool=call.tool, kind="refused", message=message))
    return await bound(call.arguments, seconds=max(means.left, 0.001))


async def conclude(state: Investigation, runtime: Runtime[Means]) -> Investigation:
    """Answer from what was seen."""
    return {"diagnosis": await runtime.context.planner.conclude(state, runtime.context)}


def next_step(run: Investigation) -> Literal["look", "conclude"]:
    return "look" if run.get("calls") else "conclude"


def graph() -> CompiledStateGraph[Any, Any, Any, Any]:
    """Plan, look, plan again, conclude."""
    builder = StateGraph(Investigation, context_schema=Means)
    builder.add_node("plan", plan)
    builder.add_node("look", look)
    builder.add_node("conclude", conclude)
    builder.add_edge(START, "plan")
    builder.add_conditional_edges("plan", next_step)
    builder.add_edge("look", "plan")
    builder.add_edge("conclude", END)
    return builder.compile()
