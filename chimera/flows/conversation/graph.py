"""The graph: the supervisor, a node for each specialist and for a model, the proposer, the memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from chimera.agents.chat.shape import Agent, Reply
from chimera.agents.supervisor import Supervisor
from chimera.agents.understanding.reading import Reading
from chimera.flows.conversation.proposing import calls, confirm, propose
from chimera.flows.conversation.state import KEPT, Talk, Turn
from chimera.flows.conversation.supervising import supervise
from chimera.flows.conversation.thinking import think


def specialist(agent: Agent) -> Any:
    """A node in which one agent answers with its own tools."""

    async def answer(state: Talk, runtime: Runtime[Turn]) -> Talk:
        turn = runtime.context
        looks = turn.looks(agent.tools)
        reply = await agent.skills[turn.intent](turn.ask(state), looks)
        reading = turn.reading
        assert reading is not None
        called = calls(looks.called)
        for intent, part in turn.further:
            reply, more = await also(turn, state, reply, intent, part)
            called += more
        took = {w: n for w, n in reading.guessed.items() if n in turn.known.nodes}
        if took and reply.kind == "answer":
            said = ", ".join(f"{word!r} as {name}" for word, name in took.items())
            reply = reply.model_copy(update={"text": f"(I read {said}.) {reply.text}"})
        if note := (state.get("reply") or {}).get("text"):
            reply = reply.model_copy(update={"text": f"{reply.text}\n\n{note}"})
        pending = {}
        if reply.kind == "question" and reply.options:
            pending = {"person": turn.who.id, "options": list(reply.options)}
        return {
            "reply": reply.model_dump(mode="json"),
            "focus": {**(state.get("focus") or {}), **reply.focus},
            "called": called,
            "pending": pending,
        }

    return answer


async def also(
    turn: Turn, state: Talk, first: Reply, intent: str, part: Reading
) -> tuple[Reply, list[dict[str, Any]]]:
    """The answer to a further question of the same message, by whose it is, after the first."""
    owner = turn.supervisor.owner(intent)
    assert owner is not None
    looks = turn.looks(owner.tools)
    focus = {**(state.get("focus") or {}), **first.focus}
    ask = replace(turn.ask(state), reading=part, intent=intent, focus=focus)
    reply = await owner.skills[intent](ask, looks)
    both = first.model_copy(
        update={
            "kind": "answer" if "answer" in (first.kind, reply.kind) else first.kind,
            "text": f"{first.text}\n\n{reply.text}",
            "tables": (*first.tables, *reply.tables),
            "charts": (*first.charts, *reply.charts),
            "evidence": (*first.evidence, *reply.evidence),
            "quotes": (*first.quotes, *reply.quotes),
            "options": first.options or reply.options,
            "focus": {**first.focus, **reply.focus},
            "partial": first.partial or reply.partial,
        }
    )
    return both, calls(looks.called)


async def remember(state: Talk, runtime: Runtime[Turn]) -> Talk:
    """Keep what was said, and what an offer of several waits for."""
    turn, reply = runtime.context, Reply.model_validate(state["reply"])
    at = turn.now.isoformat()
    history = [
        *(state.get("history") or []),
        {"who": turn.who.id, "text": state["message"][:2000], "at": at},
        {"who": "chimera", "text": reply.text[:2000], "at": at},
    ]
    kept: Talk = {"history": history[-KEPT:]}
    if made := turn.made:  # recorded with the answer, and with the line
        kept["reply"] = {**state["reply"], "made": made.model_dump(mode="json")}
        history[-1] |= {"model": made.model, "prompt": made.prompt}
    if reply.kind == "question" and reply.options and not state.get("pending"):
        kept["pending"] = {"person": turn.who.id, "options": list(reply.options)}
    return kept


def route(state: Talk) -> str:
    return state["route"]


def graph(
    supervisor: Supervisor, checkpointer: Any = None
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Compile it for the agents there are."""

    def after(state: Talk, runtime: Runtime[Turn]) -> str:
        reading = runtime.context.reading
        return "propose" if reading is not None and reading.wishes else "remember"

    builder = StateGraph(Talk, context_schema=Turn)
    builder.add_node("supervise", supervise)
    builder.add_node("propose", propose)
    builder.add_node("confirm", confirm)
    builder.add_node("remember", remember)
    builder.add_node("think", think)
    ends = ["propose", "remember"]
    for name, agent in supervisor.agents.items():
        builder.add_node(name, specialist(agent))
        builder.add_conditional_edges(name, after, ["propose", "remember"])
        ends.append(name)
    builder.add_edge(START, "supervise")
    builder.add_conditional_edges("supervise", route, [*ends, "confirm", "think"])
    builder.add_conditional_edges("think", route, ends)
    builder.add_edge("propose", "remember")
    builder.add_edge("confirm", "remember")
    builder.add_edge("remember", END)
    return builder.compile(checkpointer=checkpointer)
