"""Order statistics over windows with gaps, and how unlikely a deviation is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import log_ndtr

from chimera.detection.base import CAP, Floats

FEW = 6  # with fewer samples nothing is said
BEND = 2.0  # sigmas; up to here the tail is Gaussian, beyond it exponential
_AT_BEND = float(-(np.log(2) + log_ndtr(-BEND)) / np.log(10))
_SLOPE = 1.03  # decades a sigma, the Gaussian's slope at the bend


class Spread(NamedTuple):
    """Location and one-sided scales of windows; each an array without the window's axis."""

    centre: Floats
    below: Floats
    above: Floats
    known: Floats  # samples in the window


def quantile(ordered: Floats, count: Floats, q: float) -> Floats:
    """Quantile of windows sorted along the last axis, NaN last; linear between ranks."""
    position = np.maximum(count - 1, 0) * q
    lower = np.floor(position).astype(np.intp)
    upper = np.ceil(position).astype(np.intp)
    low = np.take_along_axis(ordered, lower[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(ordered, upper[..., None], axis=-1)[..., 0]
    return np.asarray(low + (high - low) * (position - lower), dtype=np.float64)


def spread(windows: Floats, least: Floats | float = 0.0) -> Spread:
    """Median and one-sided spreads of windows (..., samples); NaN are gaps.

    Latencies and counts are skewed, so each side has its own scale, the larger of what the 75 %
    and the 90 % quantile say: up to a tenth of a window may be outliers. A scale is at least
    `least` and never zero.
    """
    if windows.shape[-1] == 0:
        nothing = np.full(windows.shape[:-1], np.nan)
        return Spread(nothing, nothing, nothing, np.zeros(windows.shape[:-1]))
    ordered = np.sort(windows, axis=-1)
    count = np.isfinite(ordered).sum(axis=-1).astype(np.float64)
    centre = quantile(ordered, count, 0.5)
    above = np.fmax(
        (quantile(ordered, count, 0.75) - centre) / 0.6745,
        (quantile(ordered, count, 0.90) - centre) / 1.2816,
    )
    below = np.fmax(
        (centre - quantile(ordered, count, 0.25)) / 0.6745,
        (centre - quantile(ordered, count, 0.10)) / 1.2816,
    )
    # One side alone may happen to be flat; half of the other then speaks for it.
    size = np.abs(centre) * 1e-9 + 1e-12
    smallest = np.fmax(np.asarray(least, dtype=np.float64), size)
    return Spread(
        centre,
        np.fmax(np.fmax(below, above / 2), smallest),
        np.fmax(np.fmax(above, below / 2), smallest),
        count,
    )


def deviation(values: Floats, usual: Spread) -> Floats:
    """Signed distance from the centre in scales; smaller when the history is short."""
    gap = values - usual.centre
    scale = np.where(gap >= 0, usual.above, usual.below)
    return np.asarray(gap / scale * np.sqrt(usual.known / (usual.known + 8.0)), dtype=np.float64)


def surprise(sigmas: Floats) -> Floats:
    """-log10 of the two-sided tail probability: Gaussian near, exponential far, capped.

    Operational series have heavier tails than the Gaussian, whose far tail would call every
    hiccup one in a billion.
    """
    size = np.abs(sigmas)
    near = -(np.log(2) + log_ndtr(-np.minimum(size, BEND))) / np.log(10)
    far = _AT_BEND + (size - BEND) * _SLOPE
    return np.asarray(np.clip(np.where(size <= BEND, near, far), 0.0, CAP), dtype=np.float64)


def sigmas_at(decades: float) -> float:
    """The deviation whose surprise this is; for drawing bands. Wants decades beyond the bend."""
    return BEND + (decades - _AT_BEND) / _SLOPE


def fisher(*surprises: Floats) -> Floats:
    """Combine surprises of several detectors: Fisher's statistic, as a surprise again.

    Detectors that agree add up; one that is certain alone is enough. For k detectors the sum of
    -ln p is Erlang(k): the tail is e^-x * sum(x^i / i!).
    """
    total = np.sum(np.stack(surprises), axis=0)
    x = total * np.log(10)
    term = np.ones_like(x)
    series = np.ones_like(x)
    for i in range(1, len(surprises)):
        term = term * x / i
        series = series + term
    return np.asarray(np.clip(total - np.log10(series), 0.0, CAP), dtype=np.float64)
