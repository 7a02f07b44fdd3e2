"""How far a value is from what the same time of day was on the days before."""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import DAY_SLOTS, DAYS
from chimera.detection.engine.settings import Settings
from chimera.detection.engine.week import INF, ROW, part_of_day

__all__ = ["fold", "insert", "part_of_day", "quantile", "season"]


HIGH = np.uint64(DAYS)  # how far the greatest is behind the least; unsigned, so that none wraps


@compiled
def insert(ordered: Any, count: int, value: Any) -> None:
    """Put a value into its place among `count` ascending ones."""
    at = count
    while at > 0 and ordered[at - 1] > value:
        ordered[at] = ordered[at - 1]
        at -= 1
    ordered[at] = value


@compiled
def quantile(ordered: Any, count: int, share: float) -> float:
    """The quantile of `count` ascending values, linear between ranks."""
    place = share * (count - 1)
    below = int(place)
    above = min(below + 1, count - 1)
    return float(ordered[below] + (ordered[above] - ordered[below]) * (place - below))


@compiled
def fold(week: Any, row: int, rows: int, value: Any, folded: Any) -> None:
    """The value's distance to each day's values at so many times of day, into `folded[:DAYS]`.

    Negative within them. Works on whole rows, the halves of which that mean nothing included: so
    the processor takes many at once.
    """
    first = np.uint64(row * ROW)
    for k in range(np.uint64(rows * ROW - DAYS)):
        under = week[first + k] - value
        over = value - week[first + k + HIGH]
        folded[k] = under if under > over else over
    while rows > 1:
        half = (rows + 1) >> 1
        behind = np.uint64(half * ROW)
        for k in range(np.uint64((rows - half) * ROW - DAYS)):
            other = folded[k + behind]
            folded[k] = other if other < folded[k] else folded[k]
        rows = half


@compiled
def season(record: Any, value: Any, settings: Settings, room: Any, folded: Any) -> float:
    """The value's distance to the same time of day, of the closest days; -1: no such day yet."""
    rows = 2 * settings.around + 1
    first = record.slot - settings.around
    day = first // DAY_SLOTS
    row = first - day * DAY_SLOTS
    ahead = max(row + rows - DAY_SLOTS, 0)  # rows after midnight: of the next day
    fold(record.week, row, rows - ahead, value, folded[0])
    if ahead:
        fold(record.week, 0, ahead, value, folded[1])
    days = 0
    for back in range(1, settings.days + 1):
        closest = folded[0, (day - back) % DAYS]
        if ahead:
            after = folded[1, (day + 1 - back) % DAYS]
            closest = after if after < closest else closest
        if closest < INF:
            insert(room, days, max(closest, np.float32(0)))
            days += 1
    return quantile(room, days, settings.agree) if days else -1.0
