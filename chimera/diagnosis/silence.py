"""Series that have stopped, and services of which most series have: nobody is there to measure."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from chimera.diagnosis.observed import Bools, Ints, Metrics, Trouble
from chimera.diagnosis.vocabulary import kinds_of

STEADY = 0.9  # share of samples of a series that is always there
# What is measured of calls is missing where nobody calls, which is no sign of being down.
OF_CALLS = frozenset({Trouble.LATENCY, Trouble.ERRORS, Trouble.TRAFFIC, Trouble.BUSY})
LASTING = 0.5  # share of the time since the onset that a silence lasts up to now


def stopped(metrics: Metrics) -> Bools:
    """Which rows were always there and are missing now, for longer than ever before: (rows,)."""
    length = metrics.since.shape[1]
    if not length or not metrics.before.shape[1]:
        return np.zeros(len(metrics.names), dtype=bool)
    there = np.isfinite(metrics.before)
    now = np.isfinite(metrics.since)
    lasted = np.where(now.any(axis=1), np.argmax(now[:, ::-1], axis=1), length)
    found = _steady(metrics) & (lasted >= LASTING * length)
    rows = np.flatnonzero(found)
    found[rows] = lasted[rows] > longest_gap(there[rows])
    return np.asarray(found, dtype=bool)


def _steady(metrics: Metrics) -> Bools:
    if not metrics.before.shape[1]:
        return np.zeros(len(metrics.names), dtype=bool)
    return np.asarray(np.isfinite(metrics.before).mean(axis=1) >= STEADY)


def longest_gap(there: Bools) -> Ints:
    """The longest run of False in each row."""
    longest = np.zeros(len(there), dtype=np.int64)
    run = np.zeros(len(there), dtype=np.int64)
    for column in there.T:
        run = np.where(column, 0, run + 1)
        longest = np.maximum(longest, run)
    return longest


def fallen_silent(metrics: Metrics) -> dict[str, tuple[int, int]]:
    """Services of whose steady series most have stopped: how many, of how many.

    Only what a process has by itself can tell: processor, memory, disk, network.
    """
    silent = stopped(metrics)
    own = [kind not in OF_CALLS for kind in metrics.kinds or kinds_of(metrics.names)]
    steady = _steady(metrics)
    steady &= np.array(own, dtype=bool)
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for i in np.flatnonzero(steady):
        found[metrics.services[i]][0] += int(silent[i])
        found[metrics.services[i]][1] += 1
    return {s: (gone, of) for s, (gone, of) in found.items() if gone > of / 2}
