"""What runs out: a steady trend that reaches a limit soon."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np

from chimera.detection.base import Floats
from chimera.detection.robust import quantile

WINDOWS = (12, 24, 40)  # samples; the shortest in which the trend is certain decides


class Forecast(NamedTuple):
    """For each series: samples until its limit (inf: not about to), and what was usual at most."""

    left: Floats
    usual: Floats


def forecast(values: Floats, limit: Floats, floor: Floats) -> Forecast:
    """When each series (series, time) crosses its limit upwards, if it is about to.

    The slope is Theil and Sen's, the median of pairwise slopes. It counts only if the rise over the
    window is at least `floor` and four times the scatter around the line, goes on in every third of
    the window, and has left the range of all that came before by a floor: a daily swing or a
    restart's warm-up does not do all of that.
    """
    series, time = values.shape
    left, usual = np.full(series, np.inf), np.full(series, np.nan)
    for width in WINDOWS:
        if time < 2 * width:
            break
        until, highest = _until(values, width, limit, floor)
        usual = np.where(until < left, highest, usual)
        left = np.minimum(left, until)
    return Forecast(left, usual)


def _until(values: Floats, width: int, limit: Floats, floor: Floats) -> tuple[Floats, Floats]:
    recent, before = values[:, -width:], values[:, :-width]
    known = np.isfinite(recent).sum(axis=1) >= 0.75 * width
    slope, scatter = _line(recent)
    third = width // 3
    edges = (0, third, 2 * third, width)
    first, middle, last = (_median(recent[:, edges[i] : edges[i + 1]]) for i in range(3))
    now = _median(recent[:, -3:])
    ordered = np.sort(before, axis=1)
    count = np.isfinite(ordered).sum(axis=1).astype(np.float64)
    highest = quantile(ordered, count, 0.99)
    rise = slope * width
    with np.errstate(invalid="ignore", divide="ignore"):
        certain = (
            known
            & (count >= width)
            & (rise >= floor)
            & (rise >= 4 * scatter)
            & (middle - first >= rise / 8)
            & (last - middle >= rise / 8)
            & (now >= highest + floor)
        )
        left = np.maximum(limit - now, 0.0) / slope
    return np.where(certain & np.isfinite(left), left, np.inf), highest


def _line(recent: Floats) -> tuple[Floats, Floats]:
    """Theil-Sen slope (a sample) and the scatter around the line, by row."""
    pairs = np.array(list(combinations(range(recent.shape[1]), 2)))
    i, j = pairs[:, 0], pairs[:, 1]
    slope = _median((recent[:, j] - recent[:, i]) / (j - i))
    residual = recent - slope[:, None] * np.arange(recent.shape[1])
    centre = _median(residual)
    return slope, 1.4826 * _median(np.abs(residual - centre[:, None]))


def _median(values: Floats) -> Floats:
    ordered = np.sort(values, axis=1)
    return quantile(ordered, np.isfinite(ordered).sum(axis=1).astype(np.float64), 0.5)
