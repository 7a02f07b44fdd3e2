"""How far a value is from what the same time of day was on the days before.

A day is cut into parts, and each part keeps its least and greatest value, so that a day takes the
same room at any sampling interval.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import DAY_SLOTS, SLOTS
from chimera.detection.engine.settings import Settings


@compiled
def part_of_day(microseconds: int, period: int) -> int:
    """Which part of a day it is, counted from the epoch."""
    day = microseconds // period
    return day * DAY_SLOTS + ((microseconds - day * period) * DAY_SLOTS) // period


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
def season(record: Any, value: Any, slot: int, settings: Settings, room: Any) -> float:
    """The value's distance to the same time of day, of the closest days; -1: no such day yet."""
    low, high = record.day_low, record.day_high
    oldest = record.slot - SLOTS
    days = 0
    for back in range(1, settings.days + 1):
        middle = slot - back * DAY_SLOTS
        closest = np.float32(np.inf)
        for part in range(max(middle - settings.around, oldest + 1), middle + settings.around + 1):
            at = part & (SLOTS - 1)
            under = low[at] - value
            over = value - high[at]
            away = under if under > over else over
            closest = away if away < closest else closest
        if closest < np.inf:
            insert(room, days, max(closest, np.float32(0)))
            days += 1
    return quantile(room, days, settings.agree) if days else -1.0


@compiled
def remember(record: Any, value: Any, slot: int) -> None:
    """Put the value into its part of the day; the parts that were skipped become unknown."""
    low, high = record.day_low, record.day_high
    if record.count == 0:
        record.slot = slot - 1
    for part in range(max(record.slot + 1, slot - SLOTS + 1), slot + 1):
        low[part & (SLOTS - 1)] = np.inf
        high[part & (SLOTS - 1)] = -np.inf
    at = slot & (SLOTS - 1)
    low[at] = min(low[at], value)
    high[at] = max(high[at], value)
    record.slot = slot
