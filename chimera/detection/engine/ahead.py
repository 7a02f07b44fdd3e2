"""Having the next series' memory fetched while this one is worked on.

A step of many series goes through a record of 30 KiB each, none of it in a cache, and most of the
time would be waiting for it.
"""

from __future__ import annotations

from typing import Any

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import DAY_SLOTS, POINTS, RECORD
from chimera.detection.engine.memory import TAILS as NAMES
from chimera.detection.engine.prefetch import prefetch
from chimera.detection.engine.settings import Settings
from chimera.detection.engine.week import ROW

LINE = 64  # bytes of a cache line
PLACES = {name: RECORD.fields[name][1] for name in RECORD.names or ()} if RECORD.fields else {}
CODES, TAILS, WEEK, VALUES = (PLACES[name] for name in ("codes", "tails", "week", "values"))
SELDOM = (2, 3)  # tails of values beyond everything remembered
NUMBER = len(NAMES)


@compiled
def fetch_head(record: int) -> None:
    """Ask for what tells which parts of the record at this address will be needed."""
    for at in range(0, CODES, LINE):
        prefetch(record + at)


@compiled
def fetch(record: Any, place: int, slot: int, settings: Settings) -> None:
    """Ask for the parts that the next value will need of a record at this address."""
    for at in range(CODES, CODES + POINTS, LINE):
        prefetch(place + at)
    first = (slot - settings.around) % DAY_SLOTS
    rows = 2 * settings.around + 1
    ahead = max(first + rows - DAY_SLOTS, 0)
    for at in range(4 * ROW * first, 4 * ROW * (first + rows - ahead) + LINE, LINE):
        prefetch(place + WEEK + at)
    for at in range(0, 4 * ROW * ahead, LINE):
        prefetch(place + WEEK + at)
    newest = record.count % settings.memory
    for back in (0, LINE, 4 * settings.recent):
        prefetch(place + VALUES + 4 * newest - back)
    bins = record.tails.shape[1]
    for tail in range(NUMBER):
        if tail not in SELDOM:
            last = TAILS + 2 * (tail * bins + record.top[tail])
            prefetch(place + last)
            prefetch(place + last - LINE)


@compiled
def fetch_value(place: int, at: int) -> None:
    """Ask for one of the remembered values."""
    prefetch(place + VALUES + 4 * at)
