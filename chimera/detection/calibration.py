"""From the engine's totals to calibrated decades: one monotone map for every series.

A total is a sum of surprises that are not independent. What it means was counted on series without
anomalies, seeded synthetic ones of the kinds an SRE knows (`benchmarks/calibrate.py`): how often a
point reaches it, and how often an alarm does.
"""

from __future__ import annotations

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

_TOTAL, _POINT, _ALARM = (np.array(column) for column in zip(*COUNTED, strict=True))


def surprise(totals: Floats) -> Floats:
    """-log10 of the probability that a healthy point has such a total; strictly rising."""
    return _mapped(totals, _POINT)


def alarm_rate(totals: Floats) -> Floats:
    """Alarms of at least such a total that a healthy point raises, as -log10."""
    return _mapped(totals, _ALARM)


def total_of(decades: float) -> float:
    """The total with that surprise."""
    return _back(decades, _POINT)


def total_for(alarms_a_point: float) -> float:
    """The total that healthy series reach, as an alarm, so often a point."""
    return _back(-float(np.log10(alarms_a_point)), _ALARM)


def as_score(decades: Floats | float) -> Floats:
    """Decades as a score in [0, 1): strictly rising, and far from where rounding makes ties."""
    return np.asarray(np.divide(decades, np.add(decades, 4.0)), dtype=np.float64)


def _slope(column: Floats) -> float:
    return float((column[-1] - column[-2]) / (_TOTAL[-1] - _TOTAL[-2]))


def _mapped(totals: Floats, column: Floats) -> Floats:
    beyond = np.maximum(totals - _TOTAL[-1], 0.0) * _slope(column)
    return np.asarray(np.interp(totals, _TOTAL, column) + beyond, dtype=np.float64)


def _back(decades: float, column: Floats) -> float:
    beyond = max(decades - float(column[-1]), 0.0) / _slope(column)
    return float(np.interp(decades, column, _TOTAL)) + beyond
