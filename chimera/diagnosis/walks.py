"""How far what drifts by itself went, measured by how far it goes in as much time without a fault."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.movement import drifted
from chimera.diagnosis.observed import Floats, Ints
from chimera.diagnosis.scale import quantiles

LEAST = 0.01  # of its level: what a walk goes at least
INSIDE = 1.15  # standard deviations that hold three quarters of a Gaussian


def walked(
    before: Floats, since: Floats, level: Floats, length: int, bad: Ints, tail: float
) -> Floats:
    """Log surprise of rows that drift, (rows, time), whose usual `level` is (rows,): (rows,).

    Such a level is elsewhere on another day, so that its spread over hours, or a share of it, says
    nothing of minutes: a step of 2 % is much for a memory that stays within .2 % all day.
    """
    found = np.zeros(len(level))
    gone = np.sort(np.abs(before[:, length:] - before[:, :-length]), axis=1)
    count = np.isfinite(gone).sum(axis=1).astype(np.float64)
    walk = np.fmax(quantiles(gone, count, 0.75) / INSIDE, LEAST * np.abs(level))
    told = np.flatnonzero(np.isfinite(level) & (walk > 0))
    centre, scale = level[told, None], walk[told, None]
    found[told] = drifted(
        (before[told] - centre) / scale, (since[told] - centre) / scale, length, bad[told], tail
    )
    return found
