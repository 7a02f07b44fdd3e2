"""How surprising a value is beside those of normal stretches: an empirical tail, then a fitted one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chimera.diagnosis.observed import Floats
from chimera.diagnosis.scale import quantiles

FEW = 5  # normal stretches, without which nothing can be said
TAIL = 0.7  # spreads that the tail is at least long: a quiet row is no proof of a thin tail


def stretches(length: int, window: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where half-overlapping stretches of `window` samples begin in `length` samples."""
    return np.arange(0, length - window + 1, max(1, window // 2), dtype=np.int64)


def surprise(usual: Floats, now: Floats, tail: float = TAIL) -> Floats:
    """-log10 of the chance of `now` (rows, ...) given `usual` (rows, stretches); 0 for no opinion.

    Up to the 90th percentile the chance is counted, beyond it falls exponentially with the mean
    excess of the normal stretches, which is taken to be at least `tail`.
    """
    known = _Usual.of(usual)
    mean = np.maximum(known.beyond.sum(axis=1) / np.maximum(known.above.sum(axis=1), 1), tail)
    wide = now.reshape(len(now), -1)
    return np.asarray(known.chance(wide, mean[:, None]).reshape(now.shape))


def surprise_left_out(usual: Floats, tail: float = TAIL) -> Floats:
    """The surprise of each normal stretch, judged by those that it does not overlap."""
    known = _Usual.of(usual)

    def others(values: Floats) -> Floats:
        near = values.copy()
        near[:, 1:] += values[:, :-1]
        near[:, :-1] += values[:, 1:]
        return np.asarray(values.sum(axis=1, keepdims=True) - near)

    left = others(known.beyond) / np.maximum(others(known.above), 1)
    return known.chance(usual, np.maximum(left, tail))


@dataclass(frozen=True, eq=False)
class _Usual:
    """Normal stretches, a row a series, and what of them lies beyond their 90th percentile."""

    count: Floats
    q50: Floats
    q90: Floats
    beyond: Floats
    above: Floats

    @classmethod
    def of(cls, usual: Floats) -> _Usual:
        ordered = np.sort(usual, axis=1)
        count = np.isfinite(ordered).sum(axis=1).astype(np.float64)
        q50, q90 = quantiles(ordered, count, 0.5), quantiles(ordered, count, 0.9)
        above = usual > q90[:, None]
        beyond = np.where(above, usual - q90[:, None], 0.0)
        return cls(count, q50, q90, beyond, above.astype(np.float64))

    def chance(self, values: Floats, mean: Floats) -> Floats:
        far = 1.0 + (values - self.q90[:, None]) / mean / np.log(10.0)
        middling = (values > self.q50[:, None]) * 0.3  # above the median, below the 90th percentile
        found = np.where(values > self.q90[:, None], far, middling)
        return np.where(np.isfinite(values) & (self.count >= FEW)[:, None], found, 0.0)
