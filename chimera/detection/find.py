"""What is odd in a block: alarms within a budget, each with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from chimera.detection.base import Block, Bounds, Flags, Floats
from chimera.detection.calibration import surprise, total_for
from chimera.detection.engine.memory import SIGNALS
from chimera.detection.ensemble import Ensemble, Look

WEEK = timedelta(weeks=1)
CALM = 3  # values inside the band, in a row, that end what was odd
FEWEST = 1e-12  # alarms a point; a smaller budget asks for more than anybody knows


@dataclass(frozen=True)
class Oddity:
    """One odd stretch of one series; columns count from the block's first."""

    row: int
    began: int  # the column of the alarm
    ended: int | None  # the last odd column; None if it is odd at the block's end
    peak: int  # the most surprising column
    seen: float  # the value at the peak
    low: float  # what was expected when it began
    centre: float
    high: float
    detector: str  # which signal was the most surprised at the peak
    surprise: float  # decades at the peak: calibrated -log10 p
    confidence: float  # 0.5 at the threshold, 0.95 a decade above it


@dataclass(frozen=True, eq=False)
class Found:
    """Everything that was found; arrays (series, time)."""

    scores: Floats  # decades
    bounds: Bounds
    parts: dict[str, Floats]  # decades of each signal
    oddities: tuple[Oddity, ...]  # by beginning
    threshold: float  # decades
    state: Any  # from which the next block goes on


def find(
    block: Block,
    *,
    alarms_per_week: float = 1.0,
    state: Any = None,
    ensemble: Ensemble | None = None,
) -> Found:
    """Judge a block; about `alarms_per_week` false alarms over all of its series together.

    The budget is in weeks of the block's own time. Raises ValueError for a budget that is not
    positive.
    """
    if not alarms_per_week > 0:
        raise ValueError(f"alarms_per_week is {alarms_per_week}; give a number above 0")
    look = (ensemble or Ensemble()).look(block, state, parts=True, bounds=True)
    points = max(block.values.shape[0], 1) * (WEEK / block.step)
    least = total_for(max(alarms_per_week / points, FEWEST))
    assert look.bounds is not None
    oddities = [
        oddity
        for row in np.flatnonzero((look.alarms & (look.totals >= least)).any(axis=1)).tolist()
        for oddity in _oddities(block, look, row, least)
    ]
    oddities.sort(key=lambda odd: (odd.began, odd.row))
    parts = {name: look.parts[..., number] for number, name in enumerate(SIGNALS)}
    threshold = float(surprise(np.array(least)))
    return Found(look.decades, look.bounds, parts, tuple(oddities), threshold, look.state)


def _oddities(block: Block, look: Look, row: int, least: float) -> list[Oddity]:
    """A row's odd stretches: an alarm begins one, what comes before its end belongs to it."""
    found: list[Oddity] = []
    values, totals = block.values[row], look.totals[row]
    after = 0
    for began in np.flatnonzero(look.alarms[row] & (totals >= least)).tolist():
        if began < after:
            continue
        assert look.bounds is not None
        low, centre, high = (float(side[row, began]) for side in look.bounds)
        ended = _end(values, began, low, high)
        last = len(values) - 1 if ended is None else ended
        peak = began + int(np.nanargmax(totals[began : last + 1]))
        decades = float(surprise(totals[peak : peak + 1])[0])
        above = decades - float(surprise(np.array(least)))
        found.append(
            Oddity(
                row=row,
                began=began,
                ended=ended,
                peak=peak,
                seen=float(values[peak]),
                low=low,
                centre=centre,
                high=high,
                detector=SIGNALS[int(look.parts[row, peak].argmax())],
                surprise=decades,
                confidence=1.0 - 0.5 * 10.0**-above,
            )
        )
        after = last + 1
    return found


def _end(values: Floats, began: int, low: float, high: float) -> int | None:
    """The last odd column: `CALM` values inside the band of the beginning follow it."""
    rest = values[began + 1 :]
    calm: Flags = (rest >= low) & (rest <= high)
    known = np.flatnonzero(np.isfinite(rest))
    if len(known) < CALM:
        return None
    quiet = calm[known]
    runs = quiet[: len(quiet) - CALM + 1].copy()
    for more in range(1, CALM):
        runs &= quiet[more : len(quiet) - CALM + 1 + more]
    if not runs.any():
        return None
    first = int(runs.argmax())
    return began if first == 0 else began + 1 + int(known[first - 1])
