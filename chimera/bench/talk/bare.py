"""The same graph, the same checkpointer, the same requests to the same model, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from chimera.domain.dialogue import Completion, Message, Model, ToolOffer
from chimera.flows.conversation.state import KEPT, Talk
from chimera.platform.models.client import wired
from chimera.platform.models.dialogue import wire
from chimera.platform.models.model import LanguageModel


@dataclass
class Request:
    """What was asked of the model in one step of a turn."""

    messages: tuple[Message, ...]
    tools: tuple[ToolOffer, ...]


@dataclass
class Recorder:
    """A model that writes down what passes."""

    inner: Model
    requests: list[Request] = field(default_factory=list)

    async def complete(
        self, messages: Sequence[Message], tools: Sequence[ToolOffer] = ()
    ) -> Completion:
        self.requests.append(Request(tuple(messages), tuple(tools)))
        return await self.inner.complete(messages, tools)


def bare(
    model: LanguageModel, requests: Sequence[Request], checkpointer: Any
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Supervise, think, remember: three nodes over the state of a conversation."""
    speaker = model.client()
    asked = [(wired(one.messages), [wire(tool) for tool in one.tools]) for one in requests]

    async def supervise(state: Talk) -> Talk:
        return {"route": "think"}

    async def think(state: Talk) -> Talk:
        text = ""
        for messages, tools in asked:
            runnable = speaker.bind_tools(tools) if tools else speaker
            text = "".join([piece.text async for piece in runnable.astream(messages)])
        return {"reply": {"kind": "answer", "text": text}, "route": "remember"}

    async def remember(state: Talk) -> Talk:
        lines = [
            *(state.get("history") or []),
            {"who": "person", "text": state["message"]},
            {"who": "chimera", "text": state["reply"]["text"]},
        ]
        return {"history": lines[-KEPT:]}

    builder = StateGraph(Talk)
    builder.add_node("supervise", supervise)
    builder.add_node("think", think)
    builder.add_node("remember", remember)
    builder.add_edge(START, "supervise")
    builder.add_edge("supervise", "think")
    builder.add_edge("think", "remember")
    builder.add_edge("remember", END)
    return builder.compile(checkpointer=checkpointer)
