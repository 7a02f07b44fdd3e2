"""How surprising a value is beside those of normal stretches: an empirical tail, then a fitted one."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.observed import Floats, Ints
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
    ordered = np.sort(usual, axis=1)
    count = np.isfinite(ordered).sum(axis=1).astype(np.float64)
    q50, q90 = (quantiles(ordered, count, q)[:, None] for q in (0.5, 0.9))
    above = usual > q90
    beyond = np.where(above, usual - q90, 0.0).sum(axis=1, keepdims=True)
    mean = np.maximum(beyond / np.maximum(above.sum(axis=1, keepdims=True), 1), tail)
    wide = now.reshape(len(now), int(np.prod(now.shape[1:])))
    return np.asarray(_chance(wide, q50, q90, mean, count[:, None]).reshape(now.shape))


def surprise_left_out(usual: Floats, tail: float = TAIL) -> Floats:
    """The surprise of each normal stretch, judged only by those that it does not overlap.

    So it is as much a stranger to its judges as the stretch since the onset is to all of them;
    otherwise normal stretches would look tamer than the next normal one will be.
    """
    order = np.argsort(usual, axis=1)
    ordered = np.take_along_axis(usual, order, axis=1)
    width = usual.shape[1]
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(width), order.shape), axis=1)
    # The ranks of each stretch and its neighbours, ascending; `width` where there is none.
    rank = np.where(np.isfinite(usual), rank, width)
    near = np.full((3, *usual.shape), width)
    near[0], near[1, :, 1:], near[2, :, :-1] = rank, rank[:, :-1], rank[:, 1:]
    near.sort(axis=0)
    every = np.isfinite(usual).sum(axis=1, keepdims=True)
    count = every - (near < width).sum(axis=0)

    def placed(at: Ints) -> Ints:
        """Where the others' `at`-th is among all."""
        for gone in near:
            at = at + (gone <= at)
        return np.asarray(np.minimum(at, width - 1))

    def value(at: Ints) -> Floats:
        return np.asarray(np.take_along_axis(ordered, placed(at), axis=1))

    def quantile(q: float) -> Floats:
        place = np.maximum(count - 1, 0) * q
        low = np.floor(place).astype(np.int64)
        a, b = value(low), value(np.minimum(low + 1, np.maximum(count - 1, 0)))
        return np.asarray(a + (b - a) * (place - low))

    q50, q90 = quantile(0.5), quantile(0.9)
    top = np.floor(np.maximum(count - 1, 0) * 0.9).astype(np.int64) + 1
    sums = np.pad(np.nancumsum(ordered, axis=1), ((0, 0), (1, 0)))
    first = placed(top)
    beyond = sums[:, -1:] - np.take_along_axis(sums, first, axis=1)
    for gone in near:
        value_gone = np.take_along_axis(ordered, np.minimum(gone, width - 1), axis=1)
        beyond = beyond - np.where((gone >= first) & (gone < width), value_gone, 0.0)
    above = count - top
    mean = np.where(above > 0, beyond / np.maximum(above, 1) - q90, 0.0)
    return _chance(usual, q50, q90, np.maximum(mean, tail), count)


def _chance(values: Floats, q50: Floats, q90: Floats, mean: Floats, count: Floats | Ints) -> Floats:
    far = 1.0 + (values - q90) / mean / np.log(10.0)
    middling = (values > q50) * 0.3  # above the median, below the 90th percentile
    found = np.where(values > q90, far, middling)
    return np.where(np.isfinite(values) & (count >= FEW), found, 0.0)
