"""How far the stretch since the onset moved, beside what normal stretches of the series do."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.observed import Bools, Floats, Ints
from chimera.diagnosis.surprise import stretches, surprise, surprise_left_out

STRETCHES = 12  # of normal data, without overlap, that a stretch is one of at least
LEAST = 0.01  # of the usual level: a fall below it goes no further


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
    both, later = laid_out(before, since, length)
    strange = climbed(both[slow], later, bad[slow], strangers=True)[:, later:]
    both[slow] = climbed(both[slow], later, bad[slow])
    said, usual = [], []
    for found, far in zip(extents(both, bad), extents(strange, bad[slow]), strict=True):
        here, past = parted(found, later)
        said.append(np.log1p(surprise(past, here, tail)))
        alone = surprise_left_out(past, tail)
        alone[slow] = np.maximum(alone[slow], surprise(past[slow], far, tail))
        usual.append(np.log1p(alone))
    return np.maximum(*said), np.minimum(*said), np.minimum(*usual)


def drifted(before: Floats, since: Floats, length: int, bad: Ints, tail: float) -> Floats:
    """What `shifted` says first, of rows that all drift by themselves: (rows,)."""
    both, later = laid_out(before, since, length)
    found = (parted(far, later) for far in extents(climbed(both, later, bad), bad))
    return np.maximum(*(np.log1p(surprise(past, here, tail)) for here, past in found))


def laid_out(before: Floats, since: Floats, length: int) -> tuple[Floats, int]:
    """Stretches since and before, (rows, stretches, length), and how many of them are since."""
    now = cut(since, length)
    return np.concatenate([now, cut(before, length)], axis=1), now.shape[1]


def extents(z: Floats, bad: Ints) -> tuple[Floats, Floats]:
    """How far each stretch went towards trouble: its middle, and its second largest sample."""
    ordered = np.sort(towards(z, bad), axis=-1)
    return np.maximum(middle(ordered), 0), np.maximum(second(ordered), 0)


def parted(found: Floats, later: int) -> tuple[Floats, Floats]:
    """What is typical of the first `later` stretches, (rows,), and the others."""
    return middle(np.sort(found[:, :later], axis=1)), found[:, later:]


def climbed(z: Floats, since: int, bad: Ints, strangers: bool = False) -> Floats:
    """How far what drifts by itself went, in stretches of which the first `since` are of the trouble.

    It is at another level on another day, so only what it did from the onset on tells; of a normal
    stretch, from its own begin on. What comes back to its usual level from where it has been before,
    after a restart or a collection, is no climb; for `strangers`, normal stretches as they would look
    had they come last, only where the others have been counts. A walk without aim goes as far as
    the square root of its time, so a later stretch of the trouble is measured by that: a leak goes
    further.
    """
    begin = first(z)
    begin[:, :since] = begin[:, :1]
    sign = bad[:, None]
    lows = np.fmin.reduce(sign[..., None] * z[:, since:], axis=-1, initial=0)
    lowest = np.empty_like(begin)
    lowest[:, :since] = lows.min(axis=1, initial=0)[:, None]
    lowest[:, since:] = of_others(lows) if strangers else lowest[:, :1]
    known = (sign != 0) & (sign * begin >= lowest)
    begin = np.where(known, sign * np.maximum(sign * begin, 0.0), begin)
    length = z.shape[-1]
    elapsed = np.ones(z.shape[1])
    elapsed[:since] += np.arange(since) * max(1, length // 2) / length
    return np.asarray((z - begin[..., None]) / np.sqrt(elapsed)[:, None])


def of_others(lows: Floats) -> Floats:
    """Of each stretch the least of those that it does not overlap, at most 0: (rows, stretches)."""
    none, width = np.zeros((len(lows), 2)), lows.shape[1]
    before = np.minimum.accumulate(np.hstack([none, lows]), axis=1)[:, :width]
    after = np.minimum.accumulate(np.hstack([none, lows[:, ::-1]]), axis=1)[:, :width]
    return np.asarray(np.minimum(before, after[:, ::-1]))


def fallen(z: Floats, level: Floats, spread: Floats) -> Floats:
    """Spreads from the level, (rows, time), with a fall as far as its ratio and not its difference.

    Nothing falls below nothing: from 2,000 rows to 40 is as far as from 2,000 to 100,000, and would
    be a few spreads at most. `level` and `spread` are (rows, 1); what may be negative stays.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.maximum(1.0 + z * spread / level, LEAST)
        return np.where((z < 0) & (level > 0), level / spread * np.log(ratio), z)


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
