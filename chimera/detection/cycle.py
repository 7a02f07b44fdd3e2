"""What repeats in a block: a day, unless its series say otherwise."""

from __future__ import annotations

from datetime import timedelta

from chimera.detection.base import Block
from chimera.detection.period import common_period

DAY = timedelta(days=1)
ROWS = 200  # series that are asked, at most
TIMES = 3  # how often it must have been seen
NEAR = 0.02  # share of a day within which a multiple of a period is one
WITHIN = 24  # times that something may fit into a day and be known by the day alone


def cycle(block: Block) -> timedelta:
    """The time after which the series of a block repeat; a day if that cannot be told.

    What fits into a day is found by the day too, once two are known, and then so is the day's own
    course: a spike every hour must not hide the night.
    """
    every = max(len(block.keys) // ROWS, 1)
    samples = common_period(block.values[::every], votes=1.0, times=TIMES)
    if not samples:
        return DAY
    found = samples * block.step
    times = max(round(DAY / found), 1)
    long = block.values.shape[1] * block.step >= 2 * DAY
    if long and times <= WITHIN and abs(times * found - DAY) <= NEAR * DAY:
        return DAY
    return found
