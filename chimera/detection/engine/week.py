"""The least and the greatest value in each part of a day, for a week.

A day is cut into parts, so that it takes the same room at any sampling interval. The newest parts
lie in a ring of their own; when a part is old enough that nobody asks what a week ago was like at
that time, it takes that place. A time of day is a row: the least values of its days, then their
greatest, so that what is asked for together lies together.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import DAY_SLOTS, DAYS, TODAY

ROW = 2 * DAYS
LASTS = DAYS * DAY_SLOTS  # parts in the week
INF = np.float32(np.inf)


@compiled
def part_of_day(microseconds: int, period: int) -> int:
    """Which part of a day it is, counted from the epoch."""
    day = microseconds // period
    return day * DAY_SLOTS + ((microseconds - day * period) * DAY_SLOTS) // period


@compiled
def place(part: int) -> int:
    """Where the least value of a part is in the week; the greatest is `DAYS` behind."""
    day = part // DAY_SLOTS
    return (part - day * DAY_SLOTS) * ROW + day % DAYS


@compiled
def go_on(record: Any, slot: int) -> None:
    """Let it be this part of a day; those that were skipped are unknown."""
    today, week = record.today, record.week
    if slot - record.slot > LASTS + TODAY:
        record.slot = slot - LASTS - TODAY
        for at in range(TODAY):
            today[at, 0] = INF
            today[at, 1] = -INF
    for part in range(record.slot + 1, slot + 1):
        at = part % TODAY
        to = place(part - TODAY)
        week[to] = today[at, 0]
        week[to + DAYS] = today[at, 1]
        today[at, 0] = INF
        today[at, 1] = -INF
    record.slot = slot


@compiled
def remember(record: Any, value: Any) -> None:
    """Put the value into the newest part."""
    now = record.today[record.slot % TODAY]
    now[0] = min(now[0], value)
    now[1] = max(now[1], value)
