"""The score of the Numenta Anomaly Benchmark, version 1.1, written from its definition.

A window is a stretch of rows around a true anomaly. Each window earns by its earliest good alarm;
each alarm outside costs, the less the closer it follows a window. One threshold for the whole
corpus. 100 is perfect, 0 is silence. (A. Lavin and S. Ahmad, Evaluating Real-Time Anomaly
Detection Algorithms, 2015.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chimera.detection.base import Floats

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a true alarm earns, and what a false alarm and a missed window cost."""

    name: str
    true: float
    false: float
    missed: float


STANDARD = Profile("standard", 1.0, 0.11, 1.0)
LOW_FP = Profile("reward_low_FP", 1.0, 0.22, 1.0)
LOW_FN = Profile("reward_low_FN", 1.0, 0.11, 2.0)
PROFILES = (STANDARD, LOW_FP, LOW_FN)


@dataclass(frozen=True, eq=False)
class Scored:
    """One file: a score for each row, and the true windows as (first row, last row)."""

    name: str
    scores: Floats
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        """Rows at the beginning that nobody is judged by."""
        return min(int(0.15 * len(self.scores)), 750)


def shape(y: Floats | float) -> Floats:
    """The scaled sigmoid: 1 long before a window's end, 0 at it, -1 long after."""
    at = np.asarray(y, dtype=np.float64)
    return np.where(at > 3.0, -1.0, 2.0 / (1.0 + np.exp(5.0 * np.minimum(at, 3.0))) - 1.0)


def weights(file: Scored) -> tuple[Floats, Rows]:
    """Each row's weight before a profile, and the window it is in (-1: in none)."""
    rows = len(file.scores)
    weight, window = np.full(rows, -1.0), np.full(rows, -1, dtype=np.intp)
    windows = sorted(file.windows)
    for number, (left, right) in enumerate(windows):
        width = right - left + 1
        inside = np.arange(left, right + 1)
        weight[inside] = shape(-(right - inside + 1) / width) / shape(-1.0)
        window[inside] = number
        until = windows[number + 1][0] if number + 1 < len(windows) else rows
        after = np.arange(right + 1, until)
        if width > 1:
            weight[after] = shape((after - right) / (width - 1))
    return weight, window


@dataclass(frozen=True, eq=False)
class Curve:
    """The raw score of a set of files for each threshold that makes a difference, falling."""

    thresholds: Floats
    raw: Floats
    windows: int
    profile: Profile

    def normal(self, raw: Floats | float) -> Floats:
        """On the scale where silence is 0 and perfection is 100; NaN without windows."""
        null = -self.profile.missed * self.windows
        span = self.profile.true * self.windows - null
        return 100.0 * (np.asarray(raw) - null) / span if span else np.full(np.shape(raw), np.nan)

    def best(self) -> tuple[float, float]:
        """The threshold that scores highest on these very files, and that score."""
        at = int(self.raw.argmax())
        return float(self.thresholds[at]), float(self.normal(self.raw[at]))

    def raw_at(self, threshold: float) -> float:
        """The raw score when every row at or above `threshold` is an alarm."""
        reached = int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1
        return float(self.raw[max(reached, 0)])

    def at(self, threshold: float) -> float:
        """The same on the scale of 0 to 100."""
        return float(self.normal(self.raw_at(threshold)))


def curve(files: Sequence[Scored], profile: Profile) -> Curve:
    """What every threshold would score on all the files together."""
    scores, deltas, total = [np.empty(0)], [np.empty(0)], 0
    for file in files:
        weight, window = weights(file)
        judged = np.arange(len(file.scores)) >= file.probation
        total += len(file.windows)
        outside = judged & (window < 0)
        scores.append(file.scores[outside])
        deltas.append(profile.false * weight[outside])
        for number in range(len(file.windows)):
            inside = np.flatnonzero(judged & (window == number))
            order = inside[np.argsort(-file.scores[inside], kind="stable")]
            earned = np.maximum.accumulate(profile.true * weight[order])
            scores.append(file.scores[order])
            deltas.append(np.diff(earned, prepend=-profile.missed))
    every, delta = np.concatenate(scores), np.concatenate(deltas)
    order = np.argsort(-every, kind="stable")
    raw = -profile.missed * total + np.cumsum(delta[order])
    ordered = every[order]
    last = np.append(ordered[1:] != ordered[:-1], True)[: len(ordered)]
    silence = -profile.missed * total
    return Curve(
        np.concatenate([[np.inf], ordered[last]]),
        np.concatenate([[silence], raw[last]]),
        total,
        profile,
    )
