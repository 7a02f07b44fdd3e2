"""What a tool saw, as text for a model: claims with their ids, then the data, both within a limit."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from pydantic import BaseModel

from chimera.tools.base import BoundTool, Look

SHOWN = 6000  # characters of one look
ROWS = 40
DEEP = 6


def shown(look: Look, limit: int = SHOWN) -> str:
    """JSON: what could not be seen, or the evidence and the data behind it."""
    if look.trouble:
        return json.dumps({"trouble": look.trouble.kind, "message": look.trouble.message[:limit]})
    told: dict[str, Any] = {
        "evidence": [
            piece.model_dump(
                mode="json", include={"id", "claim", "excerpt", "query"}, exclude_defaults=True
            )
            for piece in look.evidence[:ROWS]
        ]
    }
    if look.partial:
        told["partial"] = "some data could not be read; this is not all"
    if not look.evidence or look.data is not None:
        told["data"] = plain(look.data)
    text = json.dumps(told, ensure_ascii=False)
    return text if len(text) <= limit else text[:limit] + " [cut]"


def at_now(arguments: Mapping[str, Any], bound: BoundTool | None, now: datetime) -> dict[str, Any]:
    """The arguments with the moment of the question, where a tool wants one that nobody gave."""
    wants = bound is not None and "at" in bound.tool.arguments.model_fields
    return {**({"at": now} if wants else {}), **arguments}


def plain(value: Any, deep: int = DEEP) -> Any:
    """Values that JSON knows; a long run of numbers becomes what it comes to."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return float(f"{value:.6g}") if math.isfinite(value) else None
        case datetime():
            return value.isoformat(timespec="seconds")
        case timedelta():
            return f"{value.total_seconds():g} s"
        case np.ndarray():
            return summed([float(v) for v in value.ravel()])
        case BaseModel():
            return value.model_dump(mode="json", exclude_defaults=True)
    if deep <= 0:
        return str(value)[:80]
    if is_dataclass(value):
        named = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: plain(one, deep - 1) for name, one in named if not blank(one)}
    if isinstance(value, Mapping):
        return {str(k): plain(v, deep - 1) for k, v in list(value.items())[:ROWS]}
    if isinstance(value, list | tuple | set | frozenset):
        if len(value) > 8 and all(isinstance(v, int | float) for v in value):
            return summed([float(v) for v in value])
        kept = [plain(one, deep - 1) for one in list(value)[:ROWS]]
        return [*kept, f"and {len(value) - ROWS} more"] if len(value) > ROWS else kept
    return str(value)[:200]


def blank(value: Any) -> bool:
    return value is None or (isinstance(value, str | tuple | list | Mapping) and not value)


def summed(values: list[float]) -> dict[str, Any]:
    known = [v for v in values if math.isfinite(v)]
    if not known:
        return {"values": len(values), "known": 0}
    return {
        "values": len(values),
        "first": plain(known[0]),
        "last": plain(known[-1]),
        "least": plain(min(known)),
        "most": plain(max(known)),
        "mean": plain(sum(known) / len(known)),
    }
