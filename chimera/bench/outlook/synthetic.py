"""Seeded series of what runs out: leaks, disks and queues, with noise, seasons and restarts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chimera.detection.base import Floats

LIMIT = 100.0
USUAL = 40.0  # the level that they all have on a good day


@dataclass(frozen=True, eq=False)
class Filling:
    """Series (series, time) and where each began to fill (`time`: never); the limit is `LIMIT`."""

    values: Floats
    began: Floats
    period: int

    @property
    def reached(self) -> Floats:
        """The first sample at the limit by series; inf where there is none."""
        over = self.values >= LIMIT
        return np.where(over.any(axis=1), over.argmax(axis=1), np.inf)


def healthy(series: int, time: int, seed: int, period: int = 0) -> Filling:
    """Noise around a level: white or autocorrelated, a season, restarts, a clean-up saw-tooth."""
    rng = np.random.default_rng(seed)
    values = USUAL + _noise(rng, series, time)
    if period:
        values += _season(rng, series, time, period)
    values += _saw(rng, series, time)
    return Filling(np.maximum(values, 0.0), np.full(series, float(time)), period)


def leaks(series: int, time: int, seed: int, period: int = 0, lasts: float = 0.6) -> Filling:
    """A rise that begins somewhere and would reach the limit after `lasts` of the time, about."""
    rng = np.random.default_rng(seed)
    values = USUAL + _noise(rng, series, time)
    if period:
        values += _season(rng, series, time, period)
    began = rng.uniform(0.1, 0.5, series) * time
    takes = lasts * time * np.exp2(rng.uniform(-1, 1, series))
    rise = np.maximum(np.arange(time) - began[:, None], 0) * ((LIMIT - USUAL) / takes)[:, None]
    return Filling(np.maximum(values + rise, 0.0), np.floor(began), period)


def disks(series: int, time: int, seed: int, period: int = 0) -> Filling:
    """Written to in bursts, from the beginning; a rate that wanders; some are cleaned now and then."""
    rng = np.random.default_rng(seed)
    takes = time * np.exp2(rng.uniform(-0.5, 1.5, series))
    rate = (LIMIT - USUAL) / takes
    wander = np.exp(np.cumsum(rng.normal(0, 0.01, (series, time)), axis=1))
    busy: Floats = np.ones((series, time))
    if period:
        phase = rng.uniform(0, 2 * np.pi, series)[:, None]
        busy = 1 + 0.8 * np.sin(2 * np.pi * np.arange(time) / period + phase)
    bursts = rng.poisson(0.3, (series, time)) / 0.3
    values = USUAL + np.cumsum(rate[:, None] * wander * busy * bursts, axis=1)
    return Filling(values, np.zeros(series), period)


def queues(series: int, time: int, seed: int, period: int = 0) -> Filling:
    """Work that waits: a random walk that is pulled back, and from some moment on no longer."""
    rng = np.random.default_rng(seed)
    began = np.floor(rng.uniform(0.1, 0.5, series) * time)
    takes = 0.5 * time * np.exp2(rng.uniform(-1, 1, series))
    push = rng.normal(0, 1.0, (series, time))
    values = np.zeros((series, time))
    level = np.full(series, USUAL / 4)
    for at in range(time):
        fills = at >= began
        pull = np.where(fills, LIMIT / takes, (USUAL / 4 - level) * 0.1)
        level = np.maximum(level + pull + push[:, at], 0.0)
        values[:, at] = level
    return Filling(values, began, period)


def _noise(rng: np.random.Generator, series: int, time: int) -> Floats:
    """White for half of the series, autocorrelated for the others, of different size."""
    white = rng.standard_t(5, (series, time))
    memory = np.where(np.arange(series) % 2, rng.uniform(0.5, 0.95, series), 0.0)
    noise = np.zeros((series, time))
    last = np.zeros(series)
    for at in range(time):
        last = memory * last + np.sqrt(1 - memory**2) * white[:, at]
        noise[:, at] = last
    return np.asarray(noise * np.exp2(rng.uniform(-2, 1.5, series))[:, None])


def _season(rng: np.random.Generator, series: int, time: int, period: int) -> Floats:
    size, phase = rng.uniform(0, 8, series)[:, None], rng.uniform(0, 2 * np.pi, series)[:, None]
    angle = 2 * np.pi * np.arange(time) / period + phase
    return np.asarray(size * (np.sin(angle) + 0.3 * np.sin(2 * angle)))


def _saw(rng: np.random.Generator, series: int, time: int) -> Floats:
    """A quarter of the series fills a little and is cleaned, a quarter starts again somewhere."""
    made = np.zeros((series, time))
    for row in range(series):
        if row % 4 == 0:
            every = int(rng.uniform(30, 200))
            made[row] = (np.arange(time) + int(rng.uniform(0, every))) % every / every * 15
        elif row % 4 == 1:
            at = int(rng.uniform(0.1, 0.9) * time)
            low, warm = rng.uniform(-20, -5), rng.uniform(5, 40)
            made[row, at:] = low * np.exp(-np.arange(time - at) / warm)
    return made
