"""From the engine's totals to calibrated decades: one monotone map for every series.

A total is a sum of surprises that are not independent. What it means was counted on series without
anomalies, seeded synthetic ones of the kinds an SRE knows (`benchmarks/calibrate.py`): how often a
point reaches it, and how often an alarm does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from chimera.detection.base import Floats

# total, -log10 of the share of points that reach it, -log10 of alarms a point that reach it
COUNTED = (
    (0.0, 0.0, 1.555),
    (0.5, 0.108, 1.585),
    (1.0, 0.341, 1.686),
    (1.5, 0.628, 1.822),
    (2.0, 0.915, 1.966),
    (3.0, 1.492, 2.256),
    (4.0, 2.034, 2.547),
    (5.0, 2.426, 2.790),
    (6.0, 2.697, 2.975),
    (7.0, 2.892, 3.120),
    (8.0, 3.042, 3.248),
    (10.0, 3.262, 3.463),
    (12.0, 3.494, 3.687),
    (14.0, 3.878, 3.918),
    (16.0, 4.102, 4.113),
    (18.0, 4.264, 4.269),
    (20.0, 4.451, 4.455),
    (24.0, 4.935, 4.938),
    (28.0, 5.377, 5.379),
    (32.0, 5.726, 5.726),
    (36.0, 6.147, 6.147),
)
FROZEN = 2.715  # decades from which a single series' alarm counts as one in the NAB bench


@dataclass(frozen=True)
class Scale:
    """What a strength means: rising maps to decades through what was counted, straight beyond."""

    counted: tuple[tuple[float, float, float], ...]  # in the form of COUNTED

    def surprise(self, strengths: Floats) -> Floats:
        """-log10 of the probability that a healthy point is as strong."""
        return self._mapped(strengths, 1)

    def alarm_rate(self, strengths: Floats) -> Floats:
        """Alarms at least as strong that a healthy point raises, as -log10."""
        return self._mapped(strengths, 2)

    def strength_of(self, decades: float) -> float:
        """The strength with that surprise."""
        return self._back(decades, 1)

    def strength_for(self, alarms_a_point: float) -> float:
        """The strength that healthy series reach, as an alarm, so often a point."""
        return self._back(-float(np.log10(alarms_a_point)), 2)

    @cached_property
    def _columns(self) -> Floats:
        return np.array(self.counted).T

    def _slope(self, column: int) -> float:
        before, last = self.counted[-2:]
        return (last[column] - before[column]) / (last[0] - before[0])

    def _mapped(self, strengths: Floats, column: int) -> Floats:
        known = self._columns
        beyond = np.maximum(strengths - known[0, -1], 0.0) * self._slope(column)
        return np.asarray(np.interp(strengths, known[0], known[column]) + beyond, dtype=np.float64)

    def _back(self, decades: float, column: int) -> float:
        known = self._columns
        beyond = max(decades - float(known[column, -1]), 0.0) / self._slope(column)
        return float(np.interp(decades, known[column], known[0])) + beyond


TOTALS = Scale(COUNTED)
surprise = TOTALS.surprise
alarm_rate = TOTALS.alarm_rate
total_of = TOTALS.strength_of
total_for = TOTALS.strength_for


def as_score(decades: Floats | float) -> Floats:
    """Decades as a score in [0, 1): strictly rising, and far from where rounding makes ties."""
    return np.asarray(np.divide(decades, np.add(decades, 4.0)), dtype=np.float64)
