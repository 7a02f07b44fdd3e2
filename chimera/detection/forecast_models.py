"""Simple forecasters, each for every series and from every origin at once.

A forecaster is a line from its origin on: a level and a slope. Two more add the season: what the
same stretch did in earlier periods. None is right for all series; `forecast.py` weighs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

from chimera.detection.base import Floats
from chimera.detection.robust import quantile

LEVELS = (1, 5, 20, 120)  # samples a level is averaged over
LINES = (12, 30, 80, 200, 500)  # samples a line is drawn through
DRIFTS = (40, 160, 480)  # samples over which the last value is carried on as it went
CYCLES = 4  # earlier periods that a season is averaged over
SMOOTH = 5  # samples that are averaged before seasons are compared
JUMP = 4.0  # times the largest usual step: a restart, a clean-up, a new quota
LEAST = 12  # samples without which there is no drift
WINDOW = 7  # samples around a point that say whether it is an outlier

Index = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Series made fit for lines. `even` is without outliers and jumps; `even + jumps` with them."""

    values: Floats  # (series, time), as given
    even: Floats  # (series, time), no gaps
    jumps: Floats  # (series, time), 0 at the end
    sums: Floats  # (series, time + 1), running sum of `even`
    moments: Floats  # (series, time + 1), running sum of time x `even`
    smooth: Floats  # (series, time), mean of the last `SMOOTH` of `even`


def prepare(values: Floats) -> Prepared:
    """Fill gaps, take out single outliers and jumps. A series without any value becomes zero."""
    filled = _filled(values)
    clean = _without_outliers(filled)
    steps = np.diff(clean, axis=1, prepend=clean[:, :1])
    size = np.abs(steps)
    count = np.full(len(values), float(values.shape[1]))
    usual = quantile(np.sort(size, axis=1), count, 0.98)[:, None]
    spread = quantile(np.sort(size, axis=1), count, 0.9)[:, None]
    # Steps of one size, now and then, are how the series moves; a jump stands alone.
    jump = (size > JUMP * usual) & (size > JUMP * spread) & (usual > 0)
    jumps = np.cumsum(np.where(jump, steps, 0.0), axis=1)
    jumps -= jumps[:, -1:]
    even = clean - jumps
    time = np.arange(values.shape[1], dtype=np.float64)
    zero = np.zeros((len(values), 1))
    sums = np.concatenate([zero, np.cumsum(even, axis=1)], axis=1)
    moments = np.concatenate([zero, np.cumsum(even * time, axis=1)], axis=1)
    first = np.maximum(np.arange(values.shape[1]) + 1 - SMOOTH, 0)
    smooth = (sums[:, 1:] - sums[:, first]) / (np.arange(values.shape[1]) + 1 - first)
    return Prepared(values, even, jumps, sums, moments, smooth)


def lines(past: Prepared, origins: Index) -> Iterator[tuple[Floats, Floats]]:
    """Level and slope a sample of each forecaster at each origin, both (series, origins).

    NaN where the forecaster has not seen enough.
    """
    shift = past.jumps[:, origins]
    flat = np.zeros_like(shift)
    for width in LEVELS:
        yield average(past, origins, min(width, past.even.shape[1])) + shift, flat
    for width in LINES:
        if width <= past.even.shape[1]:
            level, slope, _ = line(past, origins, width)
            yield level + shift, slope
    here = past.even[:, origins]
    for width in DRIFTS:
        first = np.maximum(origins - width, 0)
        took = origins - first
        slope = (here - past.even[:, first]) / np.maximum(took, 1)
        yield here + shift, slope + np.where(took >= LEAST, 0.0, np.nan)


def average(past: Prepared, origins: Index, width: int) -> Floats:
    """Mean of the last `width` samples up to each origin, fewer at the beginning."""
    first = np.maximum(origins + 1 - width, 0)
    return np.asarray((past.sums[:, origins + 1] - past.sums[:, first]) / (origins + 1 - first))


def line(past: Prepared, origins: Index, width: int) -> tuple[Floats, Floats, Floats]:
    """Least-squares line through `width` samples up to each origin: its end, slope and start."""
    enough = origins + 1 >= width
    first = np.maximum(origins + 1 - width, 0)
    total = past.sums[:, origins + 1] - past.sums[:, first]
    moment = past.moments[:, origins + 1] - past.moments[:, first]
    middle = first + (width - 1) / 2
    slope = (moment - middle * total) / (width * (width**2 - 1) / 12)
    mean = total / width
    half = slope * (width - 1) / 2
    missing = np.where(enough, 0.0, np.nan)
    return mean + half + missing, slope + missing, mean - half + missing


def seasons(past: Prepared, origins: Index, ahead: int, period: int) -> Iterator[Floats]:
    """What the season says, `ahead` samples after each origin; (series, origins) each.

    First: from here, the change of the same stretch in earlier periods. Second: what was then.
    """
    smooth = past.smooth
    here = past.jumps[:, origins] + smooth[:, origins]
    changes, then, known = np.zeros_like(here), np.zeros_like(here), np.zeros(len(origins))
    nearest = -(-(ahead + SMOOTH // 2) // period)
    for cycle in range(nearest, nearest + CYCLES):
        before = origins - cycle * period
        there = before + ahead
        seen = before >= 0
        middle = np.minimum(np.maximum(there, 0) + SMOOTH // 2, past.even.shape[1] - 1)
        start = np.maximum(before, 0)
        value = smooth[:, middle]
        changes += np.where(seen, value - smooth[:, start], 0.0)
        then += np.where(seen, value + past.jumps[:, origins], 0.0)
        known += seen
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(known > 0, 1.0 / known, np.nan)
    yield here + changes * share
    yield then * share


def _filled(values: Floats) -> Floats:
    """Gaps filled with the value before them, or the first one."""
    known = np.isfinite(values)
    time = np.arange(values.shape[1])
    last = np.maximum.accumulate(np.where(known, time, -1), axis=1)
    first = np.argmax(known, axis=1)[:, None]
    filled = np.take_along_axis(values, np.where(last >= 0, last, first), axis=1)
    return np.asarray(np.where(np.isfinite(filled), filled, 0.0))


def _without_outliers(values: Floats) -> Floats:
    """Single points far from the median of those just before them become that median (Hampel)."""
    if values.shape[1] < 2 * WINDOW:
        return values
    middle = median_filter(values, size=(1, WINDOW), mode="nearest", origin=(0, WINDOW // 2))
    away = np.abs(values - middle)
    count = np.full(len(values), float(values.shape[1]))
    usual = quantile(np.sort(away, axis=1), count, 0.9)[:, None]
    # The newest few may be the beginning of something: they stay, a level shift is not an outlier.
    after = np.concatenate([values[:, 1:], values[:, -1:]], axis=1)
    later = np.concatenate([values[:, 3:], np.repeat(values[:, -1:], 3, axis=1)], axis=1)
    back = np.minimum(np.abs(after - middle), np.abs(later - middle)) <= np.maximum(away / 2, usual)
    odd = (away > 4 * usual) & (usual > 0) & back
    odd[:, -3:] = False
    return np.asarray(np.where(odd, middle, values))
