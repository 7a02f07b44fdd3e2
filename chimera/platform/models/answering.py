"""What came back, read strictly: words, or calls of tools that were offered."""

from __future__ import annotations

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage, AIMessageChunk

from chimera.domain.dialogue import Completion, ToolCall
from chimera.platform.models import protocol
from chimera.platform.models.failures import Garbled, Unusable


def completion(got: AIMessage, tools: Sequence[str]) -> Completion:
    """Raises Garbled for a call that cannot be read or for no answer at all."""
    if got.invalid_tool_calls:
        raise Garbled(unreadable(got.invalid_tool_calls[0].get("name")))
    text = protocol.spoken(got.text)
    calls = streamed(got) if isinstance(got, AIMessageChunk) else whole(got)
    if not calls and tools:
        calls = protocol.calls_in(text)  # some models write their calls as text all the same
        text = "" if calls else text
    if strange := [call.name for call in calls if call.name not in tools]:
        offered = ", ".join(tools) or "none"
        raise Garbled(f"there is no tool {strange[0]!r}; these are offered: {offered}")
    if not calls and not text:
        raise Garbled("the answer is empty")
    return Completion(text=text, calls=calls)


def whole(got: AIMessage) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(id=one["id"] or f"call_{at}", name=one["name"], arguments=one["args"])
        for at, one in enumerate(got.tool_calls)
    )


def streamed(got: AIMessageChunk) -> tuple[ToolCall, ...]:
    """From the pieces themselves: langchain closes brackets that the model left open."""
    found = []
    for at, one in enumerate(got.tool_call_chunks):
        try:
            arguments = json.loads(one["args"] or "{}")
        except ValueError as error:
            raise Garbled(unreadable(one["name"])) from error
        if not isinstance(arguments, dict) or not one["name"]:
            raise Garbled(unreadable(one["name"]))
        found.append(ToolCall(id=one["id"] or f"call_{at}", name=one["name"], arguments=arguments))
    return tuple(found)


def unreadable(name: str | None) -> str:
    return f"the arguments of {name or 'a call without a name'} are no JSON object"


def stopped(got: AIMessage) -> None:
    """Raises Unusable where the server filtered the answer."""
    if got.response_metadata.get("finish_reason") == "content_filter":
        raise Unusable("the model's server filtered the answer")
