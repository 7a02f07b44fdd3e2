"""The remembered values once more in a byte each: enough to tell most stretches apart.

What a step of many series waits for is memory, and the codes are a quarter of the values. They are
spread evenly over where most values are and end there: two values are never nearer to each other
than their codes tell, less one for rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.season import insert, quantile
from chimera.detection.engine.settings import Settings

MOST = np.float32(255)
NONE = np.float32(0)
HALF = np.float32(0.5)
OFTEN = 8  # stretches of recent values after which the codes are spread anew
SAMPLE = 128  # values of which it is seen where most are
OUTSIDE = 0.1  # share of the values beyond each side of the middle
BEYOND = 0.5  # widths of the middle that have codes on each side of it
LEAST = 1e-30  # width below which values are not told apart


@compiled
def code(value: Any, start: Any, by: Any) -> Any:
    """The code of a value."""
    at = (value - start) * by
    at = at if at > NONE else NONE
    at = at if at < MOST else MOST
    return np.uint8(at + HALF)


@compiled
def spread(record: Any, settings: Settings, room: Any) -> None:
    """Spread the codes over where most of the remembered values are now."""
    size = min(record.count, settings.memory)
    apart = (size + SAMPLE - 1) // SAMPLE
    taken = 0
    for k in range(0, size, apart):
        insert(room, taken, record.values[k])
        taken += 1
    low, high = quantile(room, taken, OUTSIDE), quantile(room, taken, 1.0 - OUTSIDE)
    if low < high:
        beyond = BEYOND * (high - low)
        low, high = low - beyond, high + beyond
    else:
        low, high = float(room[0]), float(room[taken - 1])
    width = high - low
    record.coded_from = np.float32(low)
    record.coded_by = np.float32(255.0 / width) if width > LEAST else NONE
    encode(record)


@compiled
def encode(record: Any) -> None:
    """Code everything anew."""
    start, by = record.coded_from, record.coded_by
    values, codes = record.values, record.codes
    for k in range(len(codes)):
        codes[k] = code(values[k], start, by)
