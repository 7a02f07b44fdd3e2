"""How far the newest stretch of values is from the most similar earlier one.

A discord in the sense of Keogh, Lin and Fu (HOT SAX, 2005), one-sided and not normalised: the size
of a deviation counts. `sift.py` finds the same without looking at most of the stretches.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.codes import code
from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import MIRROR
from chimera.detection.engine.settings import Settings

FAR = np.int32(2139095040)  # infinity, as the bits of a float
ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)  # an unsigned index never wraps


@compiled
def least(values: Any, first: int, last: int, window: Any, size: int) -> int:
    """The least squared distance to stretches that start in [first, last), as bits of a float32.

    Floats that are not negative order like their bits, and the processor finds the least of many
    integers at once, which it may not do with floats.
    """
    found = FAR
    if size == 4:
        a, b, c, d = window[0], window[1], window[2], window[3]
        for j in range(np.uint64(first), np.uint64(last)):
            p = values[j] - a
            q = values[j + ONE] - b
            r = values[j + TWO] - c
            s = values[j + THREE] - d
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
def keep(record: Any, value: Any, settings: Settings, window: Any) -> bool:
    """Remember the value; the newest stretch into `window`. False: too little past."""
    values = record.values
    count, memory, size = record.count, settings.memory, settings.window
    at = count % memory
    values[at] = value
    coded = code(value, record.coded_from, record.coded_by)
    record.codes[at] = coded
    if at < MIRROR:
        values[memory + at] = value
        record.codes[memory + at] = coded
    if count < 2 * size:
        return False
    start = at - size + 1
    for k in range(size):
        j = start + k
        window[k] = values[j] if j >= 0 else values[j + memory]
    return True


@compiled
def distance(bits: Any) -> float:
    """The root of a square that is given as the bits of a float32."""
    return float(np.sqrt(np.float64(np.int32(bits).view(np.float32))))


@compiled
def nearest_of_all(record: Any, settings: Settings, window: Any) -> float:
    """Distance of the newest stretch to the nearest earlier one, by looking at every one."""
    values = record.values
    count, memory, size = record.count, settings.memory, settings.window
    at = count % memory
    start = at - size + 1  # of the newest stretch; before the ring's beginning if negative
    if count < memory:
        found = least(values, 0, start, window, size)
    elif start >= 0:
        found = min(
            least(values, 0, start, window, size), least(values, at + 1, memory, window, size)
        )
    else:
        found = least(values, at + 1, memory + start, window, size)
    return distance(found)
