"""Whether the surprise means what it says: counted on series without anomalies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chimera.bench.numenta.normal import healthy
from chimera.detection.base import Block
from chimera.detection.ensemble import Ensemble

SEED = 990_001  # far from those that the map was counted with
DECADES = (2.0, 3.0, 4.0)
SERIES, TIME, STEP = 220, 6000, 300.0


@dataclass(frozen=True)
class Calibrated:
    """Of healthy points: how many reached a surprise, against how many should have."""

    decades: float
    expected: float  # share of points
    seen: float


def calibrated(ensemble: Ensemble) -> tuple[list[Calibrated], float]:
    """For some decades; and the share of healthy points inside the expected band."""
    block = Block.of(healthy(SERIES, TIME, STEP, SEED), step=STEP)
    look = ensemble.look(block, bounds=True)
    reached = look.decades
    assert look.bounds is not None
    low, centre, high = look.bounds
    known = np.isfinite(centre)
    inside = (block.values >= low) & (block.values <= high)
    shares = [Calibrated(d, 10.0**-d, float((reached >= d).mean())) for d in DECADES]
    return shares, float(inside[known].mean())
