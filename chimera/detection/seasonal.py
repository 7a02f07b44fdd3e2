"""What is usual at this time of day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from chimera.detection.base import Block, Bounds, Detector, Floats
from chimera.detection.robust import FEW, Spread, deviation, sigmas_at, spread, surprise

SHARE_OF_FLOOR = (
    0.25  # a spread is never taken below this share of the smallest effect worth telling
)
ENOUGH = 30  # samples of history in the gapped window
CHUNK = 4_000_000  # samples gathered at once, so that memory stays bounded


@dataclass(frozen=True)
class Seasonal(Detector):
    """Distance from the median of the same time of day on previous days.

    Each point is compared with its neighbourhood (`around` samples each way) on up to `days`
    previous days of `period` samples. Until two days are known, or with `period` 0, it is compared
    with `recent` samples, whose spread holds the daily swing and is wider; the newest `gap` of them
    are left out once there are enough, so that a slow rise does not hide itself.
    """

    period: int = 0
    days: int = 7
    around: int = 5
    recent: int = 180
    gap: int = 12
    history: Floats | None = field(default=None, repr=False, compare=False)
    name: str = "seasonal"

    @property
    def memory(self) -> int:
        """Samples kept of each series."""
        season = self.period * self.days + self.around if self.period else 0
        return max(season, self.recent + self.gap)

    def fit(self, history: Floats) -> Self:
        return replace(self, history=np.atleast_2d(history)[:, -self.memory :])

    def score(self, block: Block, state: Any = None) -> tuple[Floats, Any]:
        past = self._past(block, state)
        usual = self._usual(block, past)
        scores = surprise(deviation(block.values, usual))
        scores = np.where(usual.known >= FEW, scores, 0.0)
        scores = np.where(np.isfinite(block.values), scores, np.nan)
        return scores, np.concatenate([past, block.values], axis=1)[:, -self.memory :]

    def expected(self, block: Block, state: Any = None) -> Bounds:
        usual = self._usual(block, self._past(block, state))
        widen = sigmas_at(3.0) * np.sqrt((usual.known + 8.0) / np.maximum(usual.known, 1.0))
        centre = np.where(usual.known >= FEW, usual.centre, np.nan)
        return Bounds(centre - widen * usual.below, centre, centre + widen * usual.above)

    def _past(self, block: Block, state: Any) -> Floats:
        if isinstance(state, np.ndarray):
            return state
        if self.history is not None:
            return self.history
        return np.empty((block.values.shape[0], 0))

    def _usual(self, block: Block, past: Floats) -> Spread:
        series, time = block.values.shape
        pad = np.full((series, max(self.memory - past.shape[1], 0)), np.nan)
        everything = np.concatenate([pad, past[:, -self.memory :], block.values], axis=1)
        least = 0.0 if block.floor is None else block.floor[:, None] * SHARE_OF_FLOOR
        width = max(2 * self.around + 1, 1) * self.days if self.period else self.recent
        size = max(CHUNK // max(series * max(width, self.recent), 1), 1)
        parts = [
            self._usual_at(everything, np.arange(at, min(at + size, time)), least)
            for at in range(0, time, size)
        ]
        if not parts:
            nothing = np.empty((series, 0))
            return Spread(nothing, nothing, nothing, nothing)
        columns = zip(*parts, strict=True)
        return Spread(*(np.concatenate(column, axis=1) for column in columns))

    def _usual_at(self, everything: Floats, points: np.ndarray, least: Floats | float) -> Spread:
        now = points + self.memory  # columns of `everything`
        lags = np.arange(1, self.recent + 1)
        level = spread(everything[:, now[:, None] - lags[None, :] - self.gap], least)
        few = level.known < ENOUGH
        if few.any():  # a short history: every sample counts
            all_of_it = spread(everything[:, now[:, None] - lags[None, :]], least)
            both = zip(all_of_it, level, strict=True)
            level = Spread(*(np.where(few, a, b) for a, b in both))
        if not self.period:
            return level
        near = np.arange(-self.around, self.around + 1)
        lags = (np.arange(1, self.days + 1)[:, None] * self.period + near[None, :]).ravel()
        lags = lags[lags > 0]
        season = spread(everything[:, now[:, None] - lags[None, :]], least)
        known = season.known >= 1.5 * len(near)  # two days, give or take gaps
        return Spread(*(np.where(known, s, r) for s, r in zip(season, level, strict=True)))
