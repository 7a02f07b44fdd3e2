"""Count what the engine's totals mean on series without anomalies; print the map.

    python benchmarks/calibrate.py [--seeds 60]

Seeded synthetic series of every kind in `chimera/bench/numenta/normal.py`, each from its first
sample on, at three sampling intervals. The printed rows go into `chimera/detection/calibration.py`
as `COUNTED`: total, -log10 of the share of points that reach it, -log10 of alarms a point.
"""

from __future__ import annotations

import argparse

import numpy as np

from chimera.bench.numenta.normal import healthy
from chimera.detection.base import Block
from chimera.detection.ensemble import Ensemble

GRID = ((300.0, 6000), (60.0, 6000), (15.0, 3000))  # seconds a step, samples
KNOTS = (0.0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 36)
SERIES = 110
ENOUGH = 30  # times that a total must have been reached for a knot


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=60)
    seeds = parser.parse_args().seeds
    knots = np.array(KNOTS)
    points, alarms, seen = np.zeros(len(knots)), np.zeros(len(knots)), 0
    for seed in range(seeds):
        for step, time in GRID:
            values = healthy(SERIES, time, step, seed * 1000 + int(step))
            look = Ensemble().look(Block.of(values, step=step))
            points += reached(look.totals, knots)
            alarms += reached(look.totals[look.alarms], knots)
            seen += look.totals.size
    print(f"# {seen:,} points, {seeds} seeds")
    for total, point, alarm in zip(knots, points, alarms, strict=True):
        if alarm >= ENOUGH:
            print(f"    ({total}, {-np.log10(point / seen):.3f}, {-np.log10(alarm / seen):.3f}),")


def reached(totals: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """How many totals reach each knot."""
    return totals.size - np.searchsorted(np.sort(totals, axis=None), knots)


if __name__ == "__main__":
    main()
