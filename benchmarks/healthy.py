"""More series without anomalies, seeded: what the specialists are calibrated on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from chimera.bench.numenta.normal import DAY, healthy
from chimera.detection.base import Block, Floats, SeriesKey

Random = np.random.Generator
MEMBERS = 11  # series of a service
KINDS = ("mixed", "lossy", "stale", "alike", "moody", "resting", "bursty", "services")


def blocks(series: int, time: int, step: float, seed: int) -> dict[str, Block]:
    """Blocks of `series` each, by kind; every `MEMBERS` of them are called one service."""
    random = np.random.default_rng(seed)
    mixed = healthy(series, time, step, seed)
    made = {
        "mixed": mixed,  # every kind that the ensemble is calibrated on
        "lossy": lossy(random, mixed),
        "stale": stale(random, mixed),
        "alike": alike(random, series, time),
        "moody": moody(random, series, time, step),
        "resting": resting(random, series, time, step),
        "bursty": bursty(random, series, time, step),
        "services": services(random, series, time, step),
    }
    return {kind: block(values, step) for kind, values in made.items()}


def block(values: Floats, step: float) -> Block:
    keys = tuple(SeriesKey(f"series-{i}", f"service-{i // MEMBERS}") for i in range(len(values)))
    return Block(keys, datetime.fromtimestamp(0, UTC), timedelta(seconds=step), values)


def lossy(random: Random, values: Floats) -> Floats:
    """Samples lost: here and there, a few in a row, and for some every few rows have one."""
    series, time = values.shape
    out = values.copy()
    out[random.random(out.shape) < random.choice([0.0, 1e-4, 1e-3, 1e-2], (series, 1))] = np.nan
    begun = random.random(out.shape) < random.choice([0.0, 1e-4, 1e-3], (series, 1))
    for row, column in zip(*np.nonzero(begun), strict=True):
        out[row, column : column + random.geometric(0.3)] = np.nan
    for row in range(0, series, 10):  # reports only every third sample
        out[row, np.arange(time) % 3 != 0] = np.nan
    return out


def stale(random: Random, values: Floats) -> Floats:
    """An old value told again now and then: an exporter that is slow, a cache."""
    series = len(values)
    out = values.copy()
    begun = random.random(out.shape) < random.choice([0.0, 1e-4, 1e-3, 1e-2], (series, 1))
    for row, column in zip(*np.nonzero(begun), strict=True):
        out[row, column : column + 1 + random.geometric(0.5)] = out[row, column]
    return out


def alike(random: Random, series: int, time: int) -> Floats:
    """Each sample resembles the one before: first-order autoregressive, also heavy-tailed."""
    from scipy.signal import lfilter

    noise = random.standard_t(5.0, (series, time))
    phi = random.uniform(0.2, 0.95, series)
    return np.stack([lfilter([1.0], [1.0, -p], n) for p, n in zip(phi, noise, strict=True)]) + 80.0


def moody(random: Random, series: int, time: int, step: float) -> Floats:
    """No day is like another: a level that wanders over hours or days, a scatter that does too."""
    from scipy.signal import lfilter

    out = np.empty((series, time))
    for row in range(series):
        slow = np.exp(-step / (DAY * random.uniform(0.2, 2.0)))
        mood, nerves = (
            lfilter([np.sqrt(1 - slow**2)], [1.0, -slow], random.normal(size=time + 3000))[3000:]
            for _ in range(2)
        )
        noise = random.standard_t(6.0, time) * np.exp(random.uniform(0.0, 0.5) * nerves)
        out[row] = 40.0 + random.uniform(0.2, 2.0) * mood + 0.5 * noise
        if row % 3 == 0:  # told with few digits
            out[row] = np.round(out[row], row % 2)
    return out


def resting(random: Random, series: int, time: int, step: float) -> Floats:
    """At rest for long: replicas, users at night, values rounded coarsely, queues mostly empty."""
    clock = np.arange(time) * step
    out = np.empty((series, time))
    for row in range(series):
        kind = row % 4
        if kind == 0:
            jumps = random.random(time) < random.uniform(0.001, 0.02)
            out[row] = 3 + np.cumsum(jumps * random.choice([-1, 1], time)) % 7
        elif kind == 1:
            load = np.sin(2 * np.pi * (clock / DAY + random.random()))
            out[row] = random.poisson(20 * np.clip(load, 0, 1))
        elif kind == 2:
            out[row] = np.round(random.normal(5.0, random.uniform(0.2, 1.0), time))
        else:
            out[row] = np.maximum(random.poisson(3.0, time) - random.integers(4, 9), 0)
    return out


def bursty(random: Random, series: int, time: int, step: float) -> Floats:
    """At rest, and then several events soon after each other; more of them by day than by night."""
    clock = np.arange(time) * step
    out = np.zeros((series, time))
    for row in range(series):
        day = 1 + random.uniform(0, 1) * np.sin(2 * np.pi * (clock / DAY + random.random()))
        begun = random.random(time) < random.uniform(0.002, 0.03) * day
        for column in np.flatnonzero(begun):
            many = random.geometric(1 / random.uniform(1, 6))
            at = column + np.cumsum(random.geometric(random.uniform(0.1, 0.9), many)) - 1
            out[row, at[at < time]] += random.gamma(2.0, 5.0, (at < time).sum())
    return np.round(out, 1)


def services(random: Random, series: int, time: int, step: float) -> Floats:
    """Services of `MEMBERS` series that follow one load, each in its own way."""
    from scipy.signal import lfilter

    clock = np.arange(time) * step
    out = np.empty((series, time))
    for row in range(series):
        if row % MEMBERS == 0:
            swing = random.uniform(0.1, 0.8)
            wave = np.sin(2 * np.pi * (clock / DAY + random.random()))
            surge = lfilter([0.1], [1.0, -0.9], random.normal(size=time))
            load = np.exp(swing * wave + 0.3 * surge)
        kind = row % MEMBERS
        noise = random.normal(size=time)
        if kind < 3:  # requests of its replicas
            out[row] = random.poisson(100 * load)
        elif kind < 6:  # processor time
            out[row] = 5 + 30 * load + noise
        elif kind < 8:  # latency grows faster than load
            out[row] = 0.05 * (1 + load**2) * np.exp(0.1 * noise)
        elif kind == 8:  # memory wanders
            out[row] = 500 + lfilter([1.0], [1.0, -0.98], noise)
        elif kind == 9:  # errors, a share of the requests
            out[row] = random.poisson(0.05 * load)
        else:  # connections follow a little later
            out[row] = np.round(10 * lfilter([0.3], [1.0, -0.7], load) + 0.3 * noise)
    return out
