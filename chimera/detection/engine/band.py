"""The band that the next value is expected in, for pictures and words."""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import DAY_SLOTS, DAYS
from chimera.detection.engine.season import insert, quantile
from chimera.detection.engine.settings import Settings
from chimera.detection.engine.tails import PER_DECADE, tail_of
from chimera.detection.engine.week import place

FEW = 6  # values before anything is expected
EDGE = 3.0  # decades of surprise at the band's edges


@compiled
def reach(record: Any, signal: int, tail: int, settings: Settings) -> float:
    """The residual that has `EDGE` decades."""
    known = record.known[signal]
    if known < settings.few or record.reference[signal] == 0.0:
        return 0.0
    begin, excess = tail_of(record.tails[tail], known, settings.tail, record.top[tail])
    more = max(EDGE + np.log10(settings.tail), 0.0) * excess / PER_DECADE
    return float((begin + more) * record.reference[signal])


@compiled
def band(record: Any, floor: float, settings: Settings, room: Any) -> tuple[float, float, float]:
    """Low, centre, high of what comes next; NaN while too little is known.

    With days to compare with: what that time of day was on most of them. Without: what the series
    was at all.
    """
    if record.count < FEW:
        return np.nan, np.nan, np.nan
    days = 0
    for back in range(1, settings.days + 1):
        middle = record.slot - back * DAY_SLOTS
        low, high = np.inf, -np.inf
        for part in range(middle - settings.around, middle + settings.around + 1):
            at = place(part)
            low = min(low, np.float64(record.week[at]))
            high = max(high, np.float64(record.week[at + DAYS]))
        if low <= high:
            insert(room[0], days, low)
            insert(room[1], days, high)
            days += 1
    if days:
        wide = reach(record, 1, 1, settings) + floor
        low = quantile(room[0], days, 0.5)
        high = quantile(room[1], days, 0.5)
        centre = 0.5 * (low + high)
        return record.anchor + low - wide, record.anchor + centre, record.anchor + high + wide
    size = min(record.count, settings.recent)
    centre = quantile(record.sorted, size, 0.5)
    if record.usual_of:
        centre = record.usual
    low = min(record.low, centre) - reach(record, 2, 2, settings) - floor
    high = max(record.high, centre) + reach(record, 2, 3, settings) + floor
    return record.anchor + low, record.anchor + centre, record.anchor + high
