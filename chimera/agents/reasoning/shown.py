"""What a tool saw, as text for a model: every claim with its name first, then as much as fits.

What others wrote stands behind a bar or in YAML's quotes, so that none of it looks like a claim.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import yaml
from pydantic import BaseModel

from chimera.domain import Evidence
from chimera.platform.observability.prometheus import RawSeries
from chimera.tools.base import BoundTool, Look

SHOWN = 6000  # characters of one look
PIECES = 60
ROWS = 40
DEEP = 6
BESIDE = frozenset({"query", "sql", "link", "links", "thread", "threads"})  # shown, or no use


def by_id(piece: Evidence) -> str:
    return piece.id


def shown(look: Look, limit: int = SHOWN, named: Callable[[Evidence], str] = by_id) -> str:
    """Why nothing could be seen; or each claim under the name to cite it by, what it stands on, the
    data, the queries. Whole lines are left out at the end where they are too many, and counted."""
    if look.trouble:
        return f"{look.trouble.kind}: {one_line(look.trouble.message)[:limit]}"
    pieces = look.evidence[:PIECES]
    lines = ["some data could not be read; this is not all"] if look.partial else []
    lines += [f"{named(piece)}: {one_line(piece.claim)}" for piece in pieces]
    if not pieces:
        lines.append("there is no evidence to cite")
    for piece in pieces:
        if piece.excerpt:
            lines.append(f"{named(piece)} shows")
            lines += [f"| {line}" for line in piece.excerpt.splitlines()]
    if look.data is not None:
        lines += ["data", *listed(plain(look.data))]
    lines += [f"{named(piece)} is {one_line(piece.query)}" for piece in pieces if piece.query]
    return within(lines, limit)


def within(lines: Sequence[str], limit: int) -> str:
    """The first lines that fit together."""
    kept: list[str] = []
    left = limit
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            return "\n".join([*kept, f"[{len(lines) - len(kept)} more lines; ask for less]"])
        kept.append(line)
    return "\n".join(kept)


def listed(value: Any) -> list[str]:
    """Plain values as lines of YAML, a thing of a list in one; no text begins a line."""
    if isinstance(value, list):
        rows = [dumped(row, flow=True) for row in value]
        return [f"  - {line}" for row in rows for line in row] or ["  nothing"]
    return [f"  {line}" for line in dumped(value)]


def dumped(value: Any, flow: bool | None = None) -> list[str]:
    text = yaml.safe_dump(
        value, default_flow_style=flow, sort_keys=False, allow_unicode=True, width=math.inf
    )
    return [line for line in text.splitlines() if line != "..."]


def one_line(text: str) -> str:
    return " ".join(text.split())


def at_now(arguments: Mapping[str, Any], bound: BoundTool | None, now: datetime) -> dict[str, Any]:
    """The arguments with the moment of the question, where a tool wants one that nobody gave."""
    wants = bound is not None and "at" in bound.tool.arguments.model_fields
    return {**({"at": now} if wants else {}), **arguments}


def plain(value: Any, deep: int = DEEP) -> Any:
    """Values that YAML knows; a long run of numbers becomes what it comes to. Evidence has been
    shown, or (in what was found earlier) is its claim: it cannot be cited."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return one_line(value)
        case float():
            return rounded(value)
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case timedelta():
            return f"{value.total_seconds():g} s"
        case np.ndarray():
            return summed([float(v) for v in value.ravel()])
        case Evidence():
            return value.claim
        case RawSeries():
            return {**value.labels, **extremes(value)}
    if deep <= 0:
        return str(value)[:80]
    if isinstance(value, BaseModel):
        given = ((name, getattr(value, name)) for name in value.model_dump(exclude_defaults=True))
        return {n: plain(one, deep - 1) for n, one in given if n not in BESIDE}
    if is_dataclass(value):
        named = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {n: plain(one, deep - 1) for n, one in named if n not in BESIDE and not blank(one)}
    if isinstance(value, Mapping):
        return {str(k): plain(v, deep - 1) for k, v in list(value.items())[:ROWS]}
    if isinstance(value, list | tuple | set | frozenset):
        if len(value) > 8 and all(isinstance(v, int | float) for v in value):
            return summed([float(v) for v in value])
        kept = [plain(one, deep - 1) for one in list(value)[:ROWS]]
        return [*kept, f"and {len(value) - ROWS} more"] if len(value) > ROWS else kept
    return str(value)[:200]


def rounded(value: float) -> float | None:
    """Six digits; all those before the point of what is larger, as moments and bytes are."""
    if not math.isfinite(value):
        return None
    return round(value) if abs(value) >= 1e6 else float(f"{value:.6g}")


def blank(value: Any) -> bool:
    """Nothing, or evidence that has been shown."""
    if isinstance(value, Mapping):
        return all(isinstance(one, Evidence) for one in value.values())
    return value is None or (isinstance(value, str | tuple | list) and not value)


def summed(values: list[float]) -> dict[str, Any]:
    known = [v for v in values if math.isfinite(v)]
    if not known:
        return {"values": len(values), "known": 0}
    if min(known) == max(known):
        return {"values": len(values), "always": plain(known[0])}
    return {
        "values": len(values),
        "first": plain(known[0]),
        "last": plain(known[-1]),
        "least": plain(min(known)),
        "most": plain(max(known)),
        "mean": plain(sum(known) / len(known)),
    }


def extremes(series: RawSeries) -> dict[str, Any]:
    """What a series comes to, and when it was least and most."""
    known = np.isfinite(series.values)
    if not known.any():
        return {"known": 0}
    values, times = series.values[known], series.times[known]
    when = {
        f"{name}_at": datetime.fromtimestamp(float(times[at]), UTC).isoformat(timespec="seconds")
        for name, at in (("least", values.argmin()), ("most", values.argmax()))
    }
    return {**summed([float(v) for v in values]), **when}
