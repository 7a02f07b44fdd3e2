"""Since when a signal is as it is now, from its own series: where it left what it was before."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import UNITS, ago, clock, number
from chimera.domain import SignalKind
from chimera.tools.signals_now import Now

BACK = timedelta(hours=3)
MOVED = 0.25  # of what it was: less is no change
NOISE = 6.0  # times the spread before


async def onset(ask: Ask, looks: Looks, node: str, kinds: frozenset[SignalKind]) -> Reply | None:
    """When signals of these kinds (any, if none is said) moved; None where none did."""
    minutes = BACK / timedelta(minutes=1)
    look = await looks.see("signals_now", names=(node,), minutes=minutes, at=ask.now)
    rows: tuple[Now, ...] = look.data or ()
    if kinds:
        rows = tuple(row for row in rows if row.kind in kinds)
    lines, evidence = [], []
    for row in rows:
        step = moved(np.asarray(row.values, dtype=float))
        if step is None:
            continue
        at, before = step
        began = ask.now - BACK + BACK * (at / max(len(row.values) - 1, 1))
        unit = UNITS.get(row.kind, "")
        lines.append(
            f"{row.signal} of {node} is {number(row.value, unit)} since about {clock(began)} "
            f"({ago(began, ask.now)}); before, it was {number(before, unit)}."
        )
        evidence += [e for e in look.evidence if e.query == row.query][:1]
    if not lines:
        return None
    return Reply(
        text=" ".join(lines[:4]),
        evidence=tuple(evidence),
        focus={"node": node},
        partial=look.partial,
    )


def moved(values: np.ndarray) -> tuple[int, float] | None:
    """The point at which a series (time,) last left its earlier level, and that level; None if it
    is as it was. NaN where there is no value."""
    known = np.flatnonzero(np.isfinite(values))
    if known.size < 8:
        return None
    seen = values[known]
    now = float(np.median(seen[-4:]))
    early = seen[: max(4, seen.size // 3)]
    before = float(np.median(early))
    spread = 1.4826 * float(np.median(np.abs(early - before)))
    if abs(now - before) <= max(MOVED * abs(before), NOISE * spread, 1e-12):
        return None
    half = (now + before) / 2
    beyond = seen > half if now > before else seen < half
    last = np.flatnonzero(~beyond)
    at = int(last[-1]) + 1 if last.size else 0
    return int(known[min(at, known.size - 1)]), before
