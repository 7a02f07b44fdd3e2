"""From false alarms a week over everything watched to how unlike its past a point must be.

Counted with the live watcher on seeded healthy series of the kinds an SRE knows, each with a floor
that leaves out what is usual for it (`benchmarks/calibrate_watch.py`). A count is of anomalies that
begin, a point of a series; it ends where too few were seen, and goes on in a straight line.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

WEEK = timedelta(weeks=1)
FALSE_ALARMS = 100.0  # a week
# decades that a point is unlike its past, -log10 of anomalies a point
COUNTED = ((0.0, 3.53), (1.0, 4.82))
MOST = 4.0  # decades; what a series of any length can reach within two points


def unlike_for(false_alarms: float, series: int, step: timedelta) -> float:
    """Decades of the ensemble's surprise that every odd point must reach, for so many false alarms
    a week over so many series looked at every `step`."""
    looks = max(series, 1) * (WEEK / step)
    wanted = float(np.log10(looks / false_alarms))
    gates, rates = np.array(COUNTED).T
    slope = (gates[-1] - gates[-2]) / (rates[-1] - rates[-2])
    beyond = max(wanted - float(rates[-1]), 0.0) * float(slope)
    return min(float(np.interp(wanted, rates, gates)) + beyond, MOST)


def false_alarms_at(unlike: float, series: int, step: timedelta) -> float:
    """False alarms a week to expect, the other way round; for people who set a budget."""
    gates, rates = np.array(COUNTED).T
    slope = (rates[-1] - rates[-2]) / (gates[-1] - gates[-2])
    rate = np.interp(unlike, gates, rates) + max(unlike - gates[-1], 0.0) * slope
    return float(max(series, 1) * (WEEK / step) * 10.0**-rate)
