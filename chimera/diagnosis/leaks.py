"""Whether a series goes on rising: over minutes, or in its newest samples by as much each time."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.case import Values, Watched
from chimera.domain import SignalKind

LEAKS = frozenset({SignalKind.MEMORY, SignalKind.POOL, SignalKind.DISK, SignalKind.QUEUE})
FAST = frozenset({SignalKind.MEMORY, SignalKind.DISK})  # what may be full within a minute
TREND = 24  # samples in which a slow leak must show
STEPS = 4  # in a row, in which a fast one must
ALIKE = 0.6  # of the largest: what warms up rises by less each time, what leaks does not


def present(values: Values) -> Values:
    """The samples that are there."""
    return values[np.isfinite(values)]


def leaks(watched: Watched, scale: float, clear: float) -> bool:
    """A rise that still goes on. `scale` is the series' spread, `clear` how many of it are no noise."""
    if watched.kind not in LEAKS:
        return False
    values = np.concatenate([watched.before, watched.since])
    if slowly(present(values[-TREND:]), scale, clear, watched.floor):
        return True
    return watched.kind in FAST and evenly(values[-STEPS - 1 :], scale, clear, watched.floor)


def slowly(values: Values, scale: float, clear: float, floor: float) -> bool:
    """A rise that is steady, and well above the noise from sample to sample."""
    if len(values) < TREND // 2:
        return False
    third = len(values) // 3
    first, middle, last = (
        float(np.median(part))
        for part in (values[:third], values[third : 2 * third], values[2 * third :])
    )
    steps = np.diff(values)
    noise = 1.4826 * float(np.median(np.abs(steps - np.median(steps)))) / np.sqrt(2.0)
    enough = last - first > max(clear * noise, clear * 0.5 * scale, floor)
    steady = float(np.mean(steps >= -noise)) >= 0.8
    return bool(enough and first < middle < last and steady)


def evenly(values: Values, scale: float, clear: float, floor: float) -> bool:
    """The newest samples each higher than the one before, by about as much, and far in all."""
    steps = np.diff(values)
    if len(steps) < STEPS or not np.isfinite(steps).all() or steps.min() <= 0:
        return False
    rise = float(values[-1] - values[0])
    return bool(steps.min() >= ALIKE * steps.max() and rise > max(clear * scale, floor))
