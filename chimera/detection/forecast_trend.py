"""A trend that has just begun: what the series did before no longer tells where it goes.

How wrong forecasts were is the best guide as long as a series behaves as it did. When a leak begins,
its history says "it stays": so a recent line that is steeper than anything before, goes on evenly
and stands far above its scatter takes over, with the uncertainty of a fitted line.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chimera.detection.base import Flags, Floats
from chimera.detection.forecast_models import Index, Prepared, line
from chimera.detection.robust import quantile

WIDTHS = (12, 18, 27, 40, 60, 90, 135, 200, 300)  # samples; the longest that is certain decides
STEEPER = 2.0  # than the steepest stretch of the same length before
CLEAR = 4.0  # times the scatter around the line that it must have risen
EVEN = 0.5  # slope of either half, as a share of the whole line's, at least
KNOWN, BESIDES = 2, 24  # times its length, and samples, that must be known before it began
SPAN = 8  # samples of which most must lie off it
NEAR = 3.0  # times the scatter: so far from the line it has not begun
HIDDEN = 3.0  # what a line fitted to a random walk takes away from its steps
EDGE = 0.98  # quantile of all that came before which its end must have left behind


class Trend(NamedTuple):
    """The line of each series (series,), NaN where nothing new has begun."""

    level: Floats
    slope: Floats  # a sample
    scatter: Floats  # standard deviation of a sample around the line
    wander: Floats  # variance a sample of the random walk under it
    sway: Floats  # what a slope of this length was before anything began, root mean square
    width: Floats  # samples it was seen in

    def spread(self, steps: Floats) -> Floats:
        """Standard deviation (series, horizons): of a sample, of the line, and of a random walk."""
        scatter, wander, sway, width = (
            part[:, None] for part in (self.scatter, self.wander, self.sway, self.width)
        )
        lever = 1 / width + 12 * (steps + width / 2) ** 2 / width**3
        return np.asarray(
            np.sqrt(
                scatter**2 * (1 + lever) + wander * (steps + steps**2 / width) + (sway * steps) ** 2
            )
        )

    @property
    def new(self) -> Flags:
        return np.asarray(np.isfinite(self.slope), dtype=bool)


def new_trend(past: Prepared) -> Trend:
    """Look for a line at the end of each series that its past does not know."""
    series, time = past.even.shape
    found = [np.full(series, np.nan) for _ in range(6)]
    for width in WIDTHS:
        if time < (KNOWN + 1) * width:
            break
        every = np.arange(width - 1, time)
        _, slopes, _ = line(past, every, width)
        slope = slopes[:, -1]
        residual, level = _residual(past, width, slope)
        scatter = residual.std(axis=1) * np.sqrt(width / (width - 2))
        onset = _onset(past, level, slope, scatter, width)
        steepest, sway = _before(slopes, onset, width)
        half = width // 2
        ends = np.array([time - 1 - (width - half), time - 1])
        _, halves, _ = line(past, ends, half)
        rise = np.abs(slope) * width
        with np.errstate(invalid="ignore", divide="ignore"):
            even = (halves * np.sign(slope)[:, None]).min(axis=1) >= EVEN * np.abs(slope)
            certain = (
                (np.abs(slope) > STEEPER * steepest)
                & (onset >= KNOWN * width + BESIDES)
                & (rise >= CLEAR * scatter)
                & (rise > 1e-9 * np.abs(level))
                & even
                & _beyond(past, width, level, np.sign(slope))
            )
        wander = _wander(residual, width)
        told = (
            level + past.jumps[:, -1],
            slope,
            scatter,
            wander,
            sway,
            np.full(series, float(width)),
        )
        for place, value in enumerate(told):
            found[place] = np.where(certain, value, found[place])
    return Trend(*found)


def _beyond(past: Prepared, width: int, level: Floats, sign: Floats) -> Flags:
    """Whether the line's end has left what was usual: warming up after a restart does not."""
    before = np.sort((past.even + past.jumps)[:, :-width] * sign[:, None], axis=1)
    count = np.full(len(before), float(before.shape[1]))
    end = (level + past.jumps[:, -1]) * sign
    return np.asarray(end > quantile(before, count, EDGE), dtype=bool)


def _onset(past: Prepared, level: Floats, slope: Floats, scatter: Floats, width: int) -> Index:
    """The sample at which each line began: before it most samples lie off the line drawn back."""
    time = past.even.shape[1]
    back = np.arange(time) - (time - 1)
    off = np.abs(past.even - level[:, None] - slope[:, None] * back) > NEAR * scatter[:, None]
    most = np.cumsum(off, axis=1, dtype=np.float64)
    most[:, SPAN:] -= most[:, :-SPAN].copy()
    broken = most[:, : time - width] > SPAN / 2
    last = time - width - 1 - np.argmax(broken[:, ::-1], axis=1)
    return np.asarray(np.where(broken.any(axis=1), last, 0), dtype=np.intp)


def _before(slopes: Floats, onset: Index, width: int) -> tuple[Floats, Floats]:
    """Of all stretches of this length that ended before the onset, the steepest slope and the
    root mean square: what noise and seasons do to a slope anyway."""
    last = np.clip(onset - width + 1, 0, slopes.shape[1] - 1)
    rows = np.arange(len(slopes))
    steepest = np.maximum.accumulate(np.abs(slopes), axis=1)[rows, last]
    return steepest, np.sqrt(np.cumsum(slopes**2, axis=1)[rows, last] / (last + 1))


def _wander(residual: Floats, width: int) -> Floats:
    """How much of the scatter piles up: the variance of longer steps beyond that of single ones."""
    lag = max(width // 3, 2)
    near = (np.diff(residual, axis=1) ** 2).mean(axis=1)
    far = ((residual[:, lag:] - residual[:, :-lag]) ** 2).mean(axis=1)
    # A fitted line hides some of a random walk.
    return np.asarray(HIDDEN * np.maximum(far - near, 0.0) / (lag - 1))


def _residual(past: Prepared, width: int, slope: Floats) -> tuple[Floats, Floats]:
    """Distance of the newest `width` samples from the line, and where the line ends."""
    recent = past.even[:, -width:]
    back = np.arange(width) - (width - 1)
    level = (recent - slope[:, None] * back).mean(axis=1)
    return recent - level[:, None] - slope[:, None] * back, level
