"""Counters that come raw: what only ever grows is read as what it grew by."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.observed import Bools, Floats, Metrics, Trouble
from chimera.diagnosis.vocabulary import parts

STEPS = 10  # increments, without which nothing is known of a series
RESETS = 0.02  # share of steps that may go down: a process that began again
NAMED = frozenset({"total", "count", "sum", "bucket"})
# A leak and a filling disk grow as well, and their level is what matters.
LEVELS = frozenset({Trouble.MEMORY, Trouble.DISK, Trouble.DATA, Trouble.HOST})


def rates(metrics: Metrics, kinds: tuple[Trouble, ...]) -> Metrics:
    """The same series, counters as their increments; a reset is a missing sample.

    A counter is a series that never goes down but for resets, and either is called one or has grown
    in `STEPS` steps at least and is no level that may grow by itself.
    """
    if metrics.before.shape[1] < 2 or not len(metrics.names):
        return metrics
    named = np.array([bool(NAMED & set(parts(name)[-1:])) for name in metrics.names])
    level = np.array([kind in LEVELS for kind in kinds])
    up, down, steps = _steps(metrics.before)
    up_since, down_since, steps_since = _steps(metrics.since)
    up, down, steps = up + up_since, down + down_since, steps + steps_since
    grows = (down <= RESETS * steps) & (up > 0)
    counter = grows & ((named & (up >= 2)) | (~level & (up >= STEPS) & (steps >= 2 * STEPS)))
    if not counter.any():
        return metrics
    return Metrics(
        metrics.services,
        metrics.names,
        _increments(metrics.before, counter),
        _increments(metrics.since, counter),
        kinds,
    )


def _steps(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Of each row, how many steps go up, how many down, and how many there are."""
    with np.errstate(invalid="ignore"):
        step = np.diff(values, axis=1)
        return (
            (step > 0).sum(axis=1).astype(np.float64),
            (step < 0).sum(axis=1).astype(np.float64),
            np.isfinite(step).sum(axis=1).astype(np.float64),
        )


def _increments(values: Floats, counter: Bools) -> Floats:
    found = values.copy()
    step = np.diff(values[counter], axis=1)
    found[counter, 1:] = np.where(step >= 0, step, np.nan)
    if found.shape[1]:
        found[counter, 0] = np.nan
    return found
