"""How far the newest stretch of values is from the most similar earlier one.

A discord in the sense of Keogh, Lin and Fu (HOT SAX, 2005), one-sided and not normalised: the size
of a deviation counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import MIRROR
from chimera.detection.engine.settings import Settings

FAR = np.int32(2139095040)  # infinity, as the bits of a float


@compiled
def least(values: Any, first: int, last: int, window: Any, size: int) -> int:
    """The least squared distance to stretches that start in [first, last), as bits of a float32.

    Floats that are not negative order like their bits, and the processor finds the least of many
    integers at once, which it may not do with floats.
    """
    found = FAR
    if size == 4:
        a, b, c, d = window[0], window[1], window[2], window[3]
        for j in range(first, last):
            p = values[j] - a
            q = values[j + 1] - b
            r = values[j + 2] - c
            s = values[j + 3] - d
            four = np.float32(p * p + q * q + r * r + s * s)
            bits = four.view(np.int32)
            found = bits if bits < found else found
    else:
        for j in range(first, last):
            total = np.float32(0)
            for k in range(size):
                p = values[j + k] - window[k]
                total += p * p
            whole = np.float32(total)
            bits = whole.view(np.int32)
            found = bits if bits < found else found
    return int(found)


@compiled
def nearest(record: Any, value: Any, settings: Settings, window: Any) -> float:
    """Keep the value; its stretch's distance to the nearest earlier one, or -1: too little past."""
    values = record.values
    count, memory, size = record.count, settings.memory, settings.window
    at = count % memory
    values[at] = value
    if at < MIRROR:
        values[memory + at] = value
    if count < 2 * size:
        return -1.0
    start = at - size + 1  # of the newest stretch; before the ring's beginning if negative
    for k in range(size):
        j = start + k
        window[k] = values[j] if j >= 0 else values[j + memory]
    if count < memory:
        found = least(values, 0, start, window, size)
    elif start >= 0:
        found = min(
            least(values, 0, start, window, size), least(values, at + 1, memory, window, size)
        )
    else:
        found = least(values, at + 1, memory + start, window, size)
    bits = np.int32(found)
    return float(np.sqrt(np.float64(bits.view(np.float32))))
