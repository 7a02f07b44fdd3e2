"""Sorts of series on which no setting was tried: what the back-test says of them is what it says of
series that nobody has seen."""

from __future__ import annotations

import numpy as np

from chimera.detection.base import Floats


def heaps(series: int, time: int, seed: int) -> Floats:
    """Memory under garbage collection: a saw-tooth of uneven teeth, half of them on a rising floor."""
    rng = np.random.default_rng(seed)
    made = np.zeros((series, time))
    for row in range(series):
        floor, top = rng.uniform(20, 40), rng.uniform(60, 90)
        leak = rng.uniform(0.005, 0.02) if row % 2 else 0.0
        level = floor
        for at in range(time):
            level += rng.gamma(2.0, rng.uniform(0.1, 0.8))
            if level > top + rng.normal(0, 3):
                level = floor + leak * at + rng.exponential(2.0)
            made[row, at] = level
    return made


def pools(series: int, time: int, seed: int) -> Floats:
    """Connections in use: whole numbers around a day's wave, with bursts, capped at the pool's size."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(time) / 240 + rng.uniform(0, 2 * np.pi, series)[:, None]
    mean = rng.uniform(4, 30, series)[:, None] * np.exp(0.6 * np.sin(angle))
    burst = (rng.random((series, time)) < 0.01) * rng.poisson(15, (series, time))
    return np.asarray(np.minimum(rng.poisson(mean) + burst, 50), dtype=np.float64)


def backlogs(series: int, time: int, seed: int) -> Floats:
    """Work that waits before workers (Lindley's recursion), its load in waves and sometimes above 1."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(time) / 360 + rng.uniform(0, 2 * np.pi, series)[:, None]
    load = rng.uniform(0.8, 1.02, series)[:, None] + 0.15 * np.sin(angle)
    comes, goes = rng.poisson(20 * load), rng.poisson(20.0, (series, time))
    made = np.zeros((series, time))
    waits = np.zeros(series)
    for at in range(time):
        waits = np.maximum(waits + comes[:, at] - goes[:, at], 0.0)
        made[:, at] = waits
    return made


def quotas(series: int, time: int, seed: int) -> Floats:
    """Spent of a quota: steps with heavy tails at a pace that wanders, back to nothing now and then."""
    rng = np.random.default_rng(seed)
    pace = np.exp(np.cumsum(rng.normal(0, 0.02, (series, time)), axis=1))
    spent = np.cumsum(0.05 * pace * rng.pareto(2.5, (series, time)), axis=1)
    every = rng.integers(500, 900, series)[:, None]
    first = (np.arange(time) + rng.integers(0, 900, series)[:, None]) // every
    begins = np.maximum.accumulate(
        np.where(np.diff(first, axis=1, prepend=-1) > 0, spent, 0), axis=1
    )
    return spent - begins


def lags(series: int, time: int, seed: int) -> Floats:
    """Seconds behind: positive, heavy tails, calm and wild stretches, a memory of some minutes."""
    rng = np.random.default_rng(seed)
    made = np.zeros((series, time))
    level, spread = np.zeros(series), np.ones(series)
    for at in range(time):
        shock = spread * rng.standard_t(4, series)
        spread = np.sqrt(0.05 + 0.15 * shock**2 + 0.8 * spread**2)
        level = 0.9 * level + np.clip(shock, -20, 20)
        made[:, at] = np.logaddexp(0.0, level)
    return made


SORTS = {"heaps": heaps, "pools": pools, "backlogs": backlogs, "quotas": quotas, "lags": lags}
