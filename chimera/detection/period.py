"""The length of a day, or of whatever repeats, found by itself."""

from __future__ import annotations

import numpy as np

from chimera.detection.base import Floats
from chimera.detection.robust import quantile

SHORTEST = 24  # samples; what repeats faster is no season to be compared by
STRONG = 0.4  # correlation of a series with its own past, a period ago
AGREE = 0.1  # share of the series that must repeat alike


def common_period(values: Floats, *, votes: float = 2.0, times: int = 2) -> int:
    """The period, in samples, that most of the series (series, time) share; 0 if there is none.

    Each series' autocorrelation is searched for its highest hill beyond the first valley; the
    period is what most hills agree on, at least `votes` of them, made exact on their average. Needs
    `times` periods of history.
    """
    lines = _standardised(values)
    series, time = lines.shape
    longest = time // times
    if series == 0 or longest <= SHORTEST:
        return 0
    spectrum = np.fft.rfft(lines, n=2 * time, axis=1)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, : longest + 1]
    correlation *= time / (time - np.arange(longest + 1))  # the overlap shrinks with the lag
    correlation /= np.maximum(correlation[:, :1], 1e-12)
    valley = np.argmax(correlation < 0.0, axis=1)  # 0: it never falls
    lags = np.arange(longest + 1)
    hills = np.where(
        (lags >= np.maximum(valley, SHORTEST)[:, None]) & (valley > 0)[:, None], correlation, -1.0
    )
    best = hills.argmax(axis=1)
    # Multiples of a period repeat as well: the first hill that is nearly as high counts.
    start = (hills >= 0.9 * hills[np.arange(series), best][:, None]).argmax(axis=1)
    around = (lags >= start[:, None]) & (lags <= 1.25 * start[:, None])
    first = np.where(around, hills, -1.0).argmax(axis=1)
    strong = (hills.max(axis=1) >= STRONG) & (first < longest)
    if not strong.any():
        return 0
    hilltops = np.bincount(first[strong], minlength=longest + 1).astype(np.float64)
    near = np.convolve(hilltops, np.ones(9), mode="same")
    peak = int(near.argmax())
    if near[peak] < max(votes, AGREE * len(values)):
        return 0
    mean = correlation[strong & (np.abs(first - peak) <= 6)].mean(axis=0)
    return _exact(mean, peak)


def _exact(correlation: Floats, period: int) -> int:
    """The period from the top of its furthest multiple that is seen: k times as exact."""
    longest = len(correlation) - 1
    exact = float(period)
    times = 1
    while (centre := exact * times) <= longest:
        reach = max(round(period * 0.06), 2)
        low = max(round(centre) - reach, 1)
        top = low + int(correlation[low : round(centre) + reach + 1].argmax())
        if correlation[top] < STRONG / 2:
            break
        exact = top / times
        times += 1
    return round(exact)


def _standardised(values: Floats) -> Floats:
    """Rows that are mostly there, without trend, outliers and gaps; mean 0."""
    known = np.isfinite(values)
    rows = values[known.mean(axis=1) >= 0.8] if values.shape[1] else values[:0]
    if not rows.size:
        return np.empty((0, values.shape[1]))
    ordered = np.sort(rows, axis=1)
    count = np.isfinite(ordered).sum(axis=1).astype(np.float64)
    low, middle, high = (quantile(ordered, count, q)[:, None] for q in (0.02, 0.5, 0.98))
    lines = np.clip(np.where(np.isfinite(rows), rows, middle), low, high)
    time = np.arange(rows.shape[1]) - (rows.shape[1] - 1) / 2
    lines = lines - lines.mean(axis=1, keepdims=True)
    lines = lines - (lines @ time / (time @ time))[:, None] * time
    moving = lines.std(axis=1) > 1e-9 * (np.abs(middle[:, 0]) + 1e-12)
    return np.asarray(lines[moving], dtype=np.float64)
