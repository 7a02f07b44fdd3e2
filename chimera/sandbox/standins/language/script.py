"""What the model says next: lines that were written for it, or a plain mind's own."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from pydantic import BaseModel, Field

LABEL = re.compile(r"\[(\d+)\]")


class Line(BaseModel):
    """One answer. `arguments` of a call may be text that is no JSON: models write such things."""

    text: str = ""
    calls: list[dict[str, Any]] = []  # name, and arguments as an object or as text
    error: Literal["", "context", "401", "quota", "429", "500"] = ""
    retry_after: float | None = None
    wait: float = Field(0.0, ge=0)  # seconds before it begins
    manner: Literal["", "endless", "cut", "silent"] = (
        ""  # without an end; broken off; no word at all
    )
    usage: bool = True


def plainly(body: dict[str, Any]) -> Line:
    """A mind of its own: it looks once where it needs to say nothing for it, then tells what it saw."""
    messages = body["messages"]
    seen = [str(m.get("content") or "") for m in messages]
    looked = any(
        m["role"] == "tool" or "What a tool saw" in str(m.get("content")) for m in messages
    )
    for offered in () if looked else body.get("tools") or ():
        if not offered["function"].get("parameters", {}).get("required"):
            return Line(calls=[{"name": offered["function"]["name"], "arguments": {}}])
    labels = LABEL.findall("\n".join(seen))
    return Line(text=f"This is what I see [{labels[-1]}]." if labels else "I see nothing to go by.")


def function(call: dict[str, Any], number: int) -> dict[str, Any]:
    """A call as the protocol has it: its arguments are text."""
    given = call.get("arguments", {})
    arguments = given if isinstance(given, str) else json.dumps(given)
    named = {"name": call["name"], "arguments": arguments}
    return {"id": call.get("id", f"call_{number:08x}"), "type": "function", "function": named}
