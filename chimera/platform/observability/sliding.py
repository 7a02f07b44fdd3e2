"""A block that slides over time: its newest points replaced, and what their absence means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from chimera.detection.base import Block, Flags, SeriesKey
from chimera.domain import Signal
from chimera.platform.observability.signals import UP


def slid(old: Block | None, fresh: Block, end: datetime, points: int) -> Block:
    """The last `points` up to `end`: of `old`, and over them those of `fresh`."""
    start = end - fresh.step * (points - 1)
    rows: dict[SeriesKey, int] = {}
    for key in (*(old.keys if old else ()), *fresh.keys):
        rows.setdefault(key, len(rows))
    values = np.full((len(rows), points), np.nan)
    scraped = np.zeros((len(rows), points), dtype=bool)
    settling = np.zeros((len(rows), points), dtype=bool)
    for block in (old, fresh):
        if block is None or block.scraped is None or block.settling is None:
            continue
        shift = round((block.start - start) / fresh.step)
        width = block.values.shape[1]
        to = slice(max(shift, 0), min(shift + width, points))
        if to.start >= to.stop:
            continue
        frm = slice(to.start - shift, to.stop - shift)
        at = np.array([rows[key] for key in block.keys], dtype=np.intp)
        if block is fresh:  # what is no longer there is missing
            values[:, to], scraped[:, to] = np.nan, False
        values[at, to] = block.values[:, frm]
        scraped[at, to] = block.scraped[:, frm]
        settling[at, to] = block.settling[:, frm]
    return Block(tuple(rows), start, fresh.step, values, scraped, settling)


def fill_counters(block: Block, signals: Mapping[str, Signal]) -> None:
    """A counter is absent until something is counted: that is zero while its service is scraped.

    So the history of a new counter is zeros, and one that a restart has removed is not missing.
    """
    assert block.scraped is not None
    there: dict[str, Flags] = {}
    for row, key in enumerate(block.keys):
        signal = signals[key.signal]
        if not signal.level:
            continue
        seen = block.scraped[row] & ((block.values[row] > 0) | (signal.metric != UP))
        there[key.service] = there[key.service] | seen if key.service in there else seen
    for row, key in enumerate(block.keys):
        signal = signals[key.signal]
        if signal.level or key.service not in there:
            continue
        absent = there[key.service] & ~block.scraped[row]
        block.values[row, absent] = uncounted(signal)
        block.scraped[row] |= absent


def uncounted(signal: Signal) -> float:
    """The value of a signal whose counters are absent."""
    return 0.0 if signal.read == "rate" else np.nan


def still_seen(block: Block) -> Block:
    """Without the series that have left the window."""
    assert block.scraped is not None
    return block.rows(np.flatnonzero(block.scraped.any(axis=1)))
