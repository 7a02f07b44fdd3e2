"""Tools for models that cannot call any: one JSON object in the text instead.

The model answers `{"look": [{"tool": NAME, "arguments": {...}}]}` or, in plain words, its answer. What
looks like such an object and is none is `Garbled`, so that the model can be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from chimera.domain.dialogue import Message, ToolCall, ToolOffer
from chimera.platform.models.failures import Garbled

FENCE = re.compile(r"```(?:json)?\s*(\{.*?\})\s*```", re.S)
THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.S)
RULES = """
You cannot call functions. To look, answer with one JSON object and nothing else:
{"look": [{"tool": "NAME", "arguments": {}}]}
Anything else that you write is taken as your answer. These are the tools, each with the JSON Schema
of its arguments:
"""


def flattened(messages: Iterable[Message], tools: Sequence[ToolOffer]) -> list[Message]:
    """The same dialogue in words alone; the first message describes the tools."""
    told: list[Message] = []
    for message in messages:
        if message.calls:
            wanted = [{"tool": c.name, "arguments": c.arguments} for c in message.calls]
            text = json.dumps({"look": wanted})
            told.append(Message(role="assistant", text=text, writer=message.writer))
        elif message.role == "tool":
            text = f"What a tool saw:\n{message.text}"
            told.append(Message(role="user", text=text, writer=message.writer))
        else:
            told.append(message)
    if tools:
        lines = (f"- {t.name}: {t.purpose} {json.dumps(t.arguments)}" for t in tools)
        manual = Message(role="system", text=RULES + "\n".join(lines), writer="chimera")
        told.insert(1 if told and told[0].role == "system" else 0, manual)
    return told


def merged(messages: Iterable[Message]) -> list[Message]:
    """With neighbours of one role as one: many chat templates demand that turns alternate."""
    told: list[Message] = []
    for message in messages:
        same = told and told[-1].role == message.role and message.role in ("system", "user")
        if same:
            text = f"{told[-1].text}\n\n{message.text}"
            told[-1] = told[-1].model_copy(update={"text": text})
        else:
            told.append(message)
    return told


def spoken(text: str) -> str:
    """Without the thoughts that some models write before they answer."""
    return THOUGHT.sub("", text).strip()


def is_call(text: str) -> bool:
    """Whether a text begins as a call or a thought does; it is then not shown while it comes."""
    return text.lstrip()[:1] in ("", "{", "`", "<", "[")


def calls_in(text: str) -> tuple[ToolCall, ...]:
    """The calls that a text holds; none if it is words alone. Raises Garbled."""
    fenced = FENCE.search(text)
    bare = (fenced[1] if fenced else text).strip()
    at = bare.find('{"look"')
    if not bare.startswith("{") and at < 0:
        return ()
    try:
        value, _ = json.JSONDecoder().raw_decode(bare[max(at, 0) :])
    except ValueError as error:
        raise Garbled(f"the JSON cannot be read: {error}") from error
    return listed(value)


def listed(value: Any) -> tuple[ToolCall, ...]:
    if not isinstance(value, dict) or not isinstance(value.get("look"), list):
        raise Garbled('the object needs "look", a list of {"tool": ..., "arguments": {...}}')
    found = []
    for number, one in enumerate(value["look"]):
        name = one.get("tool") if isinstance(one, dict) else None
        arguments = one.get("arguments", {}) if isinstance(one, dict) else None
        if not isinstance(name, str) or not isinstance(arguments, dict):
            raise Garbled(f'entry {number} needs "tool", a name, and "arguments", an object')
        found.append(ToolCall(id=f"look_{number}", name=name, arguments=arguments))
    if not found:
        raise Garbled('"look" is empty')
    return tuple(found)
