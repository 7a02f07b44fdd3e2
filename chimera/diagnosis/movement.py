"""How far the stretch since the onset moved, beside what normal stretches of the series do."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.observed import Bools, Floats, Ints
from chimera.diagnosis.surprise import stretches, surprise, surprise_left_out

STRETCHES = 12  # of normal data, without overlap, that a stretch is one of at least


def window(before: int, since: int) -> int:
    """Samples of one stretch: those since the onset, fewer if there is little to compare with."""
    return min(since, max(1, before // STRETCHES))


def cut(values: Floats, length: int) -> Floats:
    """Half-overlapping stretches: (rows, time) to (rows, stretches, length)."""
    begins = stretches(values.shape[1], length)
    return np.lib.stride_tricks.sliding_window_view(values, length, axis=1)[:, begins]


def shifted(
    before: Floats, since: Floats, length: int, bad: Ints, slow: Bools, tail: float
) -> tuple[Floats, Floats, Floats]:
    """Log surprise of `since`: by either statistic, and by both; of each normal stretch by both.

    `before` and `since` are in spreads, (rows, time). What either statistic says ranks. To raise
    the alarm both must agree: normal hours hold real bursts, which do not last, and slow drifts,
    which have no peak. (rows,), (rows,), (rows, stretches).
    """
    now, views = cut(since, length), cut(before, length)
    both = np.concatenate([now, views], axis=1)
    both = np.where(slow[:, None, None], climbed(both, now.shape[1], bad), both)
    ordered = np.sort(towards(both, bad), axis=-1)
    said, usual = [], []
    for statistic in (middle, second):
        found = np.maximum(statistic(ordered), 0)
        here, past = middle(np.sort(found[:, : now.shape[1]], axis=1)), found[:, now.shape[1] :]
        said.append(np.log1p(surprise(past, here, tail)))
        usual.append(np.log1p(surprise_left_out(past, tail)))
    return np.maximum(*said), np.minimum(*said), np.minimum(*usual)


def climbed(z: Floats, since: int, bad: Ints) -> Floats:
    """How far what drifts by itself went, in stretches of which the first `since` are of the trouble.

    It is at another level on another day, so only what it did from the onset on tells; of a normal
    stretch, from its own begin on. What comes back to its usual level from where it has been before,
    after a restart or a collection, is no climb. A walk without aim goes as far as the square root
    of its time, so a later stretch of the trouble is measured by that: a leak goes further.
    """
    begin = first(z)
    begin[:, :since] = begin[:, :1]
    sign = bad[:, None]
    lowest = np.fmin.reduce((sign[..., None] * z[:, since:]).reshape(len(z), -1), axis=1, initial=0)
    known = (sign != 0) & (sign * begin >= lowest[:, None])
    begin = np.where(known, sign * np.maximum(sign * begin, 0.0), begin)
    length = z.shape[-1]
    elapsed = np.ones(z.shape[1])
    elapsed[:since] += np.arange(since) * max(1, length // 2) / length
    return np.asarray((z - begin[..., None]) / np.sqrt(elapsed)[:, None])


def towards(z: Floats, bad: Ints) -> Floats:
    """Spreads towards trouble, below 0 for what is better than usual."""
    sign = bad.reshape(-1, *[1] * (z.ndim - 1))
    return np.where(sign == 0, np.abs(z), z * sign)


def first(values: Floats) -> Floats:
    """The first sample that is there, over the last axis."""
    at = np.argmax(np.isfinite(values), axis=-1)
    return np.asarray(np.take_along_axis(values, at[..., None], axis=-1)[..., 0])


def middle(ordered: Floats) -> Floats:
    """Median over the last axis, sorted with NaN last."""
    place = np.maximum(np.isfinite(ordered).sum(axis=-1) - 1, 0) * 0.5
    low, high = np.floor(place).astype(np.int64), np.ceil(place).astype(np.int64)
    a = np.take_along_axis(ordered, low[..., None], axis=-1)[..., 0]
    b = np.take_along_axis(ordered, high[..., None], axis=-1)[..., 0]
    return np.asarray((a + b) / 2)


def second(ordered: Floats) -> Floats:
    """The second largest, or the only one."""
    place = np.maximum(np.isfinite(ordered).sum(axis=-1) - 2, 0)
    return np.asarray(np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0])
