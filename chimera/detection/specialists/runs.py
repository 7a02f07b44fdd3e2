"""How rare a run as long as this one is: lost samples in a row, or equal values in a row.

Past runs are counted by length, four bins to each doubling. The surprise is that of the rate, runs
a point, at which runs as long begin. Beyond the lengths that were seen, the rate falls with the
power `POWER` of the length: cautious for runs that end by chance at each point, whose lengths have
an exponential tail, and right for some whose lengths have none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.tails import bin_of, edge

BINS = 64  # lengths from 1 to 65,536
UNIT = 256.0  # the length in the middle of them
POWER = 2.5
CHANCE = 1e-3  # runs of one that are to be reckoned with at each point, seen or not
MOST = 60_000  # runs counted; then all counts are halved, and the distant past fades


@compiled
def ended(counts: Any, length: int) -> bool:
    """Count a run that is over; True when the counts were halved for it."""
    at, _ = bin_of(length / UNIT, BINS)
    full = counts[at] >= MOST
    if full:
        for k in range(BINS):
            counts[k] >>= 1
    counts[at] += 1
    return bool(full)


@compiled
def strength(counts: Any, points: float, length: int) -> float:
    """Decades of a run of this length after so many points; 0 or more."""
    if points <= 0.0 or length <= 0:
        return 0.0
    rate = CHANCE * length**-POWER
    here, _ = bin_of(length / UNIT, BINS)
    many = 0
    for at in range(BINS - 1, -1, -1):
        if counts[at] == 0:
            continue
        many += counts[at]
        size = edge(at, BINS) * UNIT
        fall = 1.0 if at >= here else (size / length) ** POWER
        rate = max(rate, many / points * fall)
    return float(max(-np.log10(rate), 0.0))


@compiled
def longest(counts: Any, share: float) -> float:
    """The length that only this share of the past runs reach; 0 if there were none."""
    total = 0
    for at in range(BINS):
        total += counts[at]
    many = 0
    for at in range(BINS - 1, -1, -1):
        many += counts[at]
        if counts[at] and many >= share * total:
            return float(np.floor(edge(at, BINS) * UNIT + 0.999))
    return 0.0
