"""Where ticks go, and how numbers and times are written beside them."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, tzinfo

from chimera.domain.units import BYTES, LENGTHS

STEPS = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    172800, 604800, 1209600, 2592000,
)  # fmt: skip


def ticks(low: float, high: float, unit: str = "", most: int = 6) -> list[float]:
    """Round numbers that span [low, high]; round in the unit that they are written in."""
    largest = max(abs(low), abs(high))
    table = LENGTHS if unit == "seconds" else BYTES if unit in ("bytes", "bytes/s") else ()
    size = next((size for size, _ in table if largest >= 2 * size), 1.0)
    return [mark * size for mark in _round(low / size, high / size, most)]


def _round(low: float, high: float, most: int) -> list[float]:
    span = high - low
    if not span > 0:
        return [low]
    raw = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999), power * 10)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def time_ticks(start: datetime, end: datetime, zone: tzinfo, most: int = 8) -> list[datetime]:
    """Round moments of the zone's own clock."""
    span = (end - start).total_seconds()
    step = next((s for s in STEPS if span / s <= most), STEPS[-1])
    local = start.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if step > 86400:  # days, counted from a Monday
        midnight -= timedelta(days=midnight.weekday())
    first = math.ceil((local - midnight).total_seconds() / step)
    found = []
    at = midnight + timedelta(seconds=first * step)
    while at <= end:
        found.append(at)
        at += timedelta(seconds=step)
    return found


def clock(at: datetime, span: timedelta, zone: tzinfo) -> str:
    """A moment as an axis of this length shows it."""
    local = at.astimezone(zone)
    if span > timedelta(days=3):
        return f"{local:%d %b}" if (local.hour, local.minute) == (0, 0) else f"{local:%d %b %H:%M}"
    if span > timedelta(hours=20) and (local.hour, local.minute) == (0, 0):
        return f"{local:%d %b}"
    return f"{local:%H:%M:%S}" if span < timedelta(minutes=8) else f"{local:%H:%M}"
