"""Series without anomalies, as an SRE knows them: seeded, many at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from chimera.detection.base import Floats

Random = np.random.Generator
DAY = 86_400.0


def healthy(series: int, time: int, step: float, seed: int) -> Floats:
    """Series (series, time) with a sample every `step` seconds, of every kind in turn."""
    random = np.random.default_rng(seed)
    clock = np.arange(time, dtype=np.float64) * step
    values = np.empty((series, time))
    for kind, make in enumerate(KINDS):
        rows = slice(kind, series, len(KINDS))
        count = len(range(series)[rows])
        if count:
            values[rows] = make(random, count, clock)
    return values


def _rhythm(random: Random, count: int, clock: Floats, weekly: float = 0.0) -> Floats:
    """A day of its own for each series: a wave, its second harmonic, quieter weekends."""
    phase = random.uniform(0, 2 * np.pi, (count, 2, 1))
    turn = 2 * np.pi * clock / DAY
    wave = np.sin(turn + phase[:, 0]) + 0.4 * np.sin(2 * turn + phase[:, 1])
    weekend = (clock // DAY).astype(int) % 7 >= 5
    return np.asarray(wave * (1.0 - weekly * weekend))


def gauss(random: Random, count: int, clock: Floats) -> Floats:
    return random.normal(50.0, 5.0, (count, len(clock)))


def daily(random: Random, count: int, clock: Floats) -> Floats:
    swing = random.uniform(1.0, 8.0, (count, 1))
    return 100.0 + swing * _rhythm(random, count, clock) + random.normal(size=(count, len(clock)))


def weekly(random: Random, count: int, clock: Floats) -> Floats:
    load = np.exp(_rhythm(random, count, clock, weekly=0.6))
    return np.asarray(200.0 * load * random.normal(1.0, 0.05, load.shape))


def requests(random: Random, count: int, clock: Floats) -> Floats:
    rate = random.uniform(1.0, 60.0, (count, 1)) * np.exp(0.8 * _rhythm(random, count, clock))
    return random.poisson(rate).astype(np.float64)


def latency(random: Random, count: int, clock: Floats) -> Floats:
    load = 0.2 * _rhythm(random, count, clock)
    width = random.uniform(0.1, 0.6, (count, 1))
    return np.asarray(0.05 * np.exp(load + width * random.normal(size=load.shape)))


def wander(random: Random, count: int, clock: Floats) -> Floats:
    """Goes its way and comes back, over some hours: memory, queue depth, temperature."""
    from scipy.signal import lfilter

    noise = random.normal(size=(count, len(clock)))
    walk = lfilter([1.0], [1.0, -0.98], noise, axis=1)
    return np.asarray(60.0 + walk + random.normal(scale=0.5, size=noise.shape))


def heavy(random: Random, count: int, clock: Floats) -> Floats:
    return np.asarray(10.0 + random.standard_t(3.0, (count, len(clock))))


def bursts(random: Random, count: int, clock: Floats) -> Floats:
    """Idle, and busy for a few samples now and then: batch jobs, disk writes, garbage collection."""
    begun = random.random((count, len(clock))) < random.uniform(0.005, 0.04, (count, 1))
    busy = begun.copy()
    for lag in (1, 2):
        busy[:, lag:] |= begun[:, :-lag] & (random.random(begun[:, :-lag].shape) < 0.6)
    size = random.gamma(3.0, 20.0, begun.shape)
    return np.asarray(np.abs(random.normal(2.0, 0.3, begun.shape)) + busy * size)


def plateaus(random: Random, count: int, clock: Floats) -> Floats:
    """A few levels it jumps between, rounded: replicas, pool sizes, cache occupancy."""
    jumps = random.random((count, len(clock))) < 0.01
    levels = random.integers(3, 9, jumps.shape).astype(np.float64)
    levels[:, 1:][~jumps[:, 1:]] = np.nan
    last = np.maximum.accumulate(np.where(np.isnan(levels), 0, np.arange(len(clock))), axis=1)
    held = np.take_along_axis(levels, last, axis=1)
    return np.asarray(np.round(held + random.normal(scale=0.1, size=held.shape), 1))


def errors(random: Random, count: int, clock: Floats) -> Floats:
    """Mostly nothing, seldom a few: errors, retries, restarts."""
    rate = random.uniform(0.005, 0.1, (count, 1))
    return random.poisson(rate, (count, len(clock))).astype(np.float64)


def sawtooth(random: Random, count: int, clock: Floats) -> Floats:
    """Fills and is emptied: heap, log files."""
    length = random.uniform(30, 200, (count, 1))
    place = (np.arange(len(clock)) / length + random.random((count, 1))) % 1.0
    return np.asarray(40.0 + 30.0 * place + random.normal(size=place.shape))


KINDS: tuple[Callable[[Random, int, Floats], Floats], ...] = (
    gauss,
    daily,
    weekly,
    requests,
    latency,
    wander,
    heavy,
    bursts,
    plateaus,
    errors,
    sawtooth,
)
