"""From times as they were written to an even grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chimera.detection.base import Floats
from chimera.domain import Misconfigured
from chimera.platform.files.sheet import Sheet

EVEN = 0.2  # of a step: times that are off by less are taken as even
SPARSE = 20  # points of the grid for each row, beyond which it is no series


@dataclass(frozen=True, eq=False)
class Even:
    """Evenly spaced values (column, time) from `start` on, `step` seconds apart; NaN is missing."""

    start: float
    step: float
    values: Floats
    note: str = ""


def even(sheet: Sheet, step: float | None = None) -> Even:
    """The sheet on an even grid. Raises Misconfigured when the times are too uneven for one.

    Times that are even within a fifth of a step stay as they are. Otherwise the step is the median
    difference (or the one given), each point is the mean of the samples nearest to it, at most half
    a step away, and where there is none it is missing.
    """
    times, values = sheet.times, sheet.values
    gaps = np.diff(times)
    usual = float(np.median(gaps))
    if step is None and np.abs(gaps - usual).max() <= EVEN * usual:
        mean = float((times[-1] - times[0]) / (times.size - 1))
        drift = EVEN * usual / times.size  # a round step that is off by less is meant
        exact = next((s for s in (float(round(mean)), usual) if s and abs(s - mean) < drift), mean)
        return Even(float(times[0]), exact, values)
    chosen = step or usual
    points = round(float(times[-1] - times[0]) / chosen) + 1
    if points > SPARSE * times.size + 1000:
        raise Misconfigured(
            f"the times are too uneven: {times.size} rows would make {points} points {chosen:g} s "
            "apart; give a longer --step (seconds)"
        )
    cell = np.clip(np.round((times - times[0]) / chosen).astype(np.intp), 0, points - 1)
    known = np.isfinite(values)
    grid = np.empty((values.shape[0], points))
    for row in range(values.shape[0]):
        weight = np.bincount(cell, known[row], points)
        total = np.bincount(cell, np.where(known[row], values[row], 0.0), points)
        with np.errstate(invalid="ignore", divide="ignore"):
            grid[row] = np.where(weight > 0, total / weight, np.nan)
    filled = np.unique(cell).size
    note = (
        f"the times are uneven: put on a grid of {chosen:g} s, each point the mean of the samples "
        f"nearest to it; {points - filled} of {points} points have none and are missing"
    )
    return Even(float(times[0]), chosen, grid, note)
