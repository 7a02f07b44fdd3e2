"""Which points are alarms: the first of a trouble, and one that is clearly worse."""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled

HOLD = 80  # points of calm after which the same is told again
RISE = 1.2  # how much stronger it must be to be told before that
STILL = 0.5  # share of the strength told at which a trouble still goes on


@compiled
def told(raw: Any, order: Any, starts: Any, records: Any, alarms: Any) -> None:
    """Set `alarms` (series, time) from raw surprise; the rows of a unit are told together.

    Unit `u` is the rows `order[starts[u]:starts[u + 1]]`; its first one keeps what was told. A
    trouble that lasts (a gap, a stuck value) is told once however long it lasts.
    """
    for unit in range(len(starts) - 1):
        rows = order[starts[unit] : starts[unit + 1]]
        record = records[rows[0]]
        for column in range(raw.shape[1]):
            row = rows[0]
            for other in rows[1:]:
                if raw[other, column] > raw[row, column]:
                    row = other
            strength = raw[row, column]
            record.since = 0 if strength >= STILL * record.held else record.since + 1
            if strength <= 0.0:
                if record.since > HOLD:
                    record.held = 0.0
                continue
            if record.since > HOLD or strength > RISE * record.held:
                alarms[row, column] = True
                record.held = strength
                record.since = 0


@compiled
def trusted(known: float, half: float) -> float:
    """How far what so many samples taught is believed: half of it at `half`."""
    return float(known**2 / (known**2 + half**2)) if known > 0 else 0.0


@compiled
def exchange(ordered: Any, size: int, leaves: Any, comes: Any) -> None:
    """Take one of `size` ascending values out and put another into its place."""
    at = np.searchsorted(ordered[:size], leaves)
    while at + 1 < size and ordered[at + 1] < comes:
        ordered[at] = ordered[at + 1]
        at += 1
    while at > 0 and ordered[at - 1] > comes:
        ordered[at] = ordered[at - 1]
        at -= 1
    ordered[at] = comes
