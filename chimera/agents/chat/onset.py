"""Since when a signal is as it is now, from its own series: where it left what it was before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import UNITS, ago, clock, number
from chimera.domain import SignalKind
from chimera.tools.signals_now import Now

BACK = timedelta(hours=3)
MINUTES = BACK / timedelta(minutes=1)
MOVED = 0.25  # of what it was: less is no change
NOISE = 6.0  # times the spread before


async def onset(ask: Ask, looks: Looks, node: str, kinds: frozenset[SignalKind]) -> Reply | None:
    """When signals of these kinds (any, if none is said) moved; None where none did."""
    look = await looks.see("signals_now", names=(node,), minutes=MINUTES, at=ask.now)
    found = onsets(node, look.data or (), kinds, ask.now, BACK)
    if not found:
        return None
    queries = {row.query for row, _ in found}
    return Reply(
        text=" ".join(line for _, line in found[:4]),
        evidence=tuple(e for e in look.evidence if e.query in queries),
        focus={"node": node},
        partial=look.partial,
    )


def onsets(
    node: str, rows: Iterable[Now], kinds: frozenset[SignalKind], now: datetime, back: timedelta
) -> list[tuple[Now, str]]:
    """The rows that left what they were within `back`, which is what they hold, each as a sentence."""
    found = []
    for row in rows:
        step = (
            moved(np.asarray(row.values, dtype=float)) if not kinds or row.kind in kinds else None
        )
        if step is None:
            continue
        at, before = step
        began = now - back + back * (at / max(len(row.values) - 1, 1))
        unit = UNITS.get(row.kind, "")
        line = (
            f"{row.signal} of {node} is {number(row.value, unit)} since about {clock(began)} "
            f"({ago(began, now)}); before, it was {number(before, unit)}."
        )
        found.append((row, line))
    return found


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
