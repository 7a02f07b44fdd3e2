"""The numbers that the engine works with: one set for every series."""

from __future__ import annotations

from typing import NamedTuple


class Settings(NamedTuple):
    """How far the engine looks and when it speaks. A named tuple, so that compiled code reads it.

    `benchmarks/tune.py` tells how the defaults were found and how little depends on them; `LIMITS`
    in memory.py, how much there is room for.
    """

    window: int = 4  # values that are compared with every earlier stretch as long
    memory: int = 2000  # values among which it looks for one alike
    days: int = 7  # days whose same time of day counts
    around: int = 13  # parts of a day each way that are the same time of day (five minutes each)
    agree: float = 0.3  # share of the days that must have been like it for no surprise
    recent: int = 40  # values whose median is the level now
    blocks: int = 50  # stretches of `recent` values that are the past
    tail: float = 0.018  # share of residuals that the exponential tail is laid through
    cap: float = 12.0  # decades that one signal may contribute
    few: int = 20  # residuals before a signal speaks
    trust: float = 60.0  # residuals after which half of what a signal says is believed
    hold: float = 80.0  # samples that an alarm keeps weaker ones quiet
    rise: float = 1.2  # how much stronger one must be to speak all the same
    floor: float = 0.25  # share of the smallest effect worth telling that is no deviation


CHOSEN = Settings()
