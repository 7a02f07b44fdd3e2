"""How rare a residual is among the past ones of its series, for residuals without a unit."""

from __future__ import annotations

from typing import Any

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.tails import MANY, bin_of, decades

BINS = 64  # sizes from 1/256 to 256
TAIL = 0.018  # share of the residuals that the exponential tail is laid through
CAP = 12.0


@compiled
def rarity(counts: Any, known: int, size: float, least: float) -> float:
    """Decades of a residual after `known` ones, of which `counts` holds those of this side.

    `least` is the smallest scale that the tail may have.
    """
    if size <= 0.0 or known <= 0:
        return 0.0
    return float(decades(counts, known, size, TAIL, CAP, least))


@compiled
def learn(counts: Any, known: int, side: int, size: float) -> int:
    """Count a residual on one of the sides `counts` (side, bin); how many are known then."""
    if known >= MANY:
        for of in range(counts.shape[0]):
            for k in range(BINS):
                counts[of, k] >>= 1
        known >>= 1
    if size > 0.0:
        at, _ = bin_of(size, BINS)
        counts[side, at] += 1
    return int(known + 1)
