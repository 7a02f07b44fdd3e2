"""A shift between the last few samples and what came before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from chimera.detection.base import Block, Bounds, Detector, Floats
from chimera.detection.robust import FEW, Spread, deviation, sigmas_at, spread, surprise

SHARE_OF_FLOOR = 0.25
CHUNK = 4_000_000


@dataclass(frozen=True)
class ChangePoint(Detector):
    """Distance of the last sample, and of the mean of the last `shift`, from the baseline before.

    The spread of means is measured on the baseline's own means, not derived from independence:
    neighbouring samples of a service resemble each other. The larger surprise counts, less the
    price of having looked twice.
    """

    shift: int = 4
    gap: int = 8  # samples between the two, so that a slow rise does not hide in its own baseline
    baseline: int = 60
    history: Floats | None = field(default=None, repr=False, compare=False)
    name: str = "changepoint"

    @property
    def memory(self) -> int:
        return self.baseline + self.gap + 2 * self.shift

    def fit(self, history: Floats) -> Self:
        return replace(self, history=np.atleast_2d(history)[:, -self.memory :])

    def score(self, block: Block, state: Any = None) -> tuple[Floats, Any]:
        past = self._past(block, state)
        values, means, single, shifted = self._usual(block, past)
        one = np.where(single.known >= FEW, surprise(deviation(values, single)), 0.0)
        many = np.where(shifted.known >= FEW, surprise(deviation(means, shifted)), 0.0)
        # A mean that is mostly old samples says nothing yet; it never speaks alone of one spike.
        scores = np.maximum(np.maximum(one, np.nan_to_num(many)) - np.log10(2), 0.0)
        scores = np.where(np.isfinite(values), scores, np.nan)
        return scores, np.concatenate([past, block.values], axis=1)[:, -self.memory :]

    def expected(self, block: Block, state: Any = None) -> Bounds:
        _, _, usual, _ = self._usual(block, self._past(block, state))
        widen = sigmas_at(3.0) * np.sqrt((usual.known + 8.0) / np.maximum(usual.known, 1.0))
        centre = np.where(usual.known >= FEW, usual.centre, np.nan)
        return Bounds(centre - widen * usual.below, centre, centre + widen * usual.above)

    def _past(self, block: Block, state: Any) -> Floats:
        if isinstance(state, np.ndarray):
            return state
        if self.history is not None:
            return self.history
        return np.empty((block.values.shape[0], 0))

    def _usual(self, block: Block, past: Floats) -> tuple[Floats, Floats, Spread, Spread]:
        series, time = block.values.shape
        pad = np.full((series, max(self.memory - past.shape[1], 0)), np.nan)
        everything = np.concatenate([pad, past[:, -self.memory :], block.values], axis=1)
        means = trailing_mean(everything, self.shift)
        least = 0.0 if block.floor is None else block.floor[:, None] * SHARE_OF_FLOOR
        lags = np.arange(self.shift, self.shift + self.baseline) + self.gap
        size = max(CHUNK // max(series * self.baseline, 1), 1)
        single, shifted = [], []
        for at in range(0, time, size):
            now = np.arange(at, min(at + size, time)) + self.memory
            columns = now[:, None] - lags[None, :]
            single.append(spread(everything[:, columns], least))
            shifted.append(spread(means[:, columns], least))
        empty = Spread(*(np.empty((series, 0)) for _ in range(4)))
        return (
            block.values,
            means[:, self.memory :],
            _joined(single) if single else empty,
            _joined(shifted) if shifted else empty,
        )


def trailing_mean(values: Floats, width: int) -> Floats:
    """Mean of the last `width` samples of each row, gaps left out; NaN with fewer than half."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    out = np.zeros_like(filled)
    count = np.zeros_like(filled)
    for lag in range(width):  # over lags, not points; sums stay exact for large levels
        end = values.shape[1] - lag
        if end > 0:
            out[:, lag:] += filled[:, :end]
            count[:, lag:] += known[:, :end]
    return np.where(count * 2 >= width, out / np.maximum(count, 1), np.nan)


def _joined(parts: list[Spread]) -> Spread:
    return Spread(*(np.concatenate(column, axis=1) for column in zip(*parts, strict=True)))
