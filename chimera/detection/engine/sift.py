"""The nearest stretch of four values by their codes, and by the values of those few that can be it.

Codes are never further apart than the values are, but for rounding. So a stretch whose codes are
further away than the best one's values cannot be nearer, and its values need not be read: the
answer is the same to the last bit as that of looking at all of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.codes import code
from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import POINTS
from chimera.detection.engine.nearest import distance, least, nearest_of_all
from chimera.detection.engine.settings import Settings

CODED = 4  # values of a stretch
WIDTH = 128  # columns that distances are laid in, row after row
ROOM = -(-POINTS // WIDTH) * WIDTH  # for the distances
FEW = 64  # stretches that are compared one by one
APART = np.uint16(65535)  # more than four codes can be apart
SLACK = 2.001  # codes that a stretch may seem further away than it is: one for each of its values


@compiled
def apart(codes: Any, end: int, window: Any, near: Any) -> None:
    """A quarter of the squared distances of codes to the window's, of all stretches before `end`."""
    a, b, c, d = np.int16(window[0]), np.int16(window[1]), np.int16(window[2]), np.int16(window[3])
    for j in range(end):
        p = np.int16(np.int16(codes[j]) - a)
        q = np.int16(np.int16(codes[j + 1]) - b)
        r = np.int16(np.int16(codes[j + 2]) - c)
        s = np.int16(np.int16(codes[j + 3]) - d)
        near[j] = np.uint16(
            (np.uint16(p * p) >> 2)
            + (np.uint16(q * q) >> 2)
            + (np.uint16(r * r) >> 2)
            + (np.uint16(s * s) >> 2)
        )


@compiled
def columns(near: Any, rows: int, lowest: Any) -> Any:
    """The least of all distances that are a multiple of `WIDTH` from each other; the least of all."""
    for k in range(WIDTH):
        lowest[k] = near[k]
    for row in range(1, rows):
        for k in range(WIDTH):
            this = near[np.uint64(row * WIDTH + k)]  # unsigned: no wrapping at negative ones
            lowest[k] = this if this < lowest[k] else lowest[k]
    found = APART
    for k in range(WIDTH):
        found = lowest[k] if lowest[k] < found else found
    return found


@compiled
def sift(record: Any, settings: Settings, window: Any, near: Any, lowest: Any) -> int:
    """How far the codes of every stretch are from the newest one's; one with the least.

    Distances into `near`, the least of every column of them into `lowest`. -1: stretches of this
    length have to be looked at.
    """
    if settings.window != CODED:
        return -1
    count, memory = record.count, settings.memory
    at = count % memory
    start = at - CODED + 1
    own = np.empty(CODED, np.uint8)
    for k in range(CODED):
        own[k] = code(window[k], record.coded_from, record.coded_by)
    end = start if count < memory else memory
    rows = (end + WIDTH - 1) // WIDTH
    apart(record.codes, end, own, near)
    for j in range(end, rows * WIDTH):
        near[j] = APART
    if count >= memory:  # those that hold the newest value are not earlier ones
        for j in range(start, at + 1):
            near[j if j >= 0 else j + memory] = APART
    found = columns(near, rows, lowest)
    for k in range(WIDTH):
        if lowest[k] == found < APART:
            for j in range(k, rows * WIDTH, WIDTH):
                if near[j] == found:
                    return j
    return -1


@compiled
def nearest(
    record: Any, settings: Settings, window: Any, near: Any, lowest: Any, likely: int
) -> float:
    """Distance of the newest stretch to the nearest earlier one; `likely` is one that is near."""
    values = record.values
    count, memory = record.count, settings.memory
    found = np.int32(least(values, likely, likely + 1, window, CODED))
    if found == 0:
        return 0.0
    reach = distance(found) * record.coded_by + SLACK
    limit = np.int64(min(reach * reach * 0.25, 65534.0))
    end = count % memory - CODED + 1 if count < memory else memory
    compared = 0
    for k in range(min(WIDTH, end)):
        if lowest[k] > limit:
            continue
        for other in range(k, end, WIDTH):
            if near[other] <= limit:
                compared += 1
                if compared > FEW:
                    return nearest_of_all(record, settings, window)
                found = min(found, np.int32(least(values, other, other + 1, window, CODED)))
    return distance(found)
