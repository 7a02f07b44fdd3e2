"""Count the anomalies that the live watcher begins on series without any; print the map.

    python benchmarks/calibrate_watch.py [--series 330] [--looks 600] [--seed 1]

Seeded synthetic series of every kind in `chimera/bench/numenta/normal.py`, looked at as the worker
looks at them: an hour of history, a memory that has seen 2,000 samples. A signal's owner says what
is worth telling, so each floor leaves out what the series does in 99 of 100 samples, and is at least
a quarter of its level. The rows go into `chimera/detection/budget.py` as `COUNTED`: decades, -log10
of anomalies a point.
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np

from chimera.bench.numenta.normal import KINDS, healthy
from chimera.detection import Block, SeriesKey, Watcher
from chimera.detection.base import Floats
from chimera.domain import Signal

STEPS = (5.0, 15.0, 60.0)  # seconds
UNLIKE = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
HISTORY = 3600.0  # seconds; the setting's default
MEMORY = 2000
START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=330)
    parser.add_argument("--looks", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for unlike in UNLIKE:
        begun, points = Counter[str](), 0
        for step in STEPS:
            values = healthy(given.series, MEMORY + given.looks, step, given.seed)
            begun += count(values, step, unlike)
            points += given.series * given.looks
        rate = max(begun.total(), 0.5) / points
        said = ", ".join(f"{kind} {number}" for kind, number in begun.most_common())
        print(
            f"    ({unlike}, {-np.log10(rate):.2f}),  # {begun.total()} in {points:,}: {said}",
            flush=True,
        )


def count(values: Floats, step: float, unlike: float) -> Counter[str]:
    """Anomalies that begin after the memory is full, by kind of series."""
    usual = np.median(values, axis=1)
    spread = np.quantile(np.abs(values - usual[:, None]), 0.99, axis=1)
    floors = np.maximum(spread, 0.25 * np.abs(usual))
    signals = tuple(
        Signal(name=str(row), metric="m", bad="both", floor=float(floor))
        for row, floor in enumerate(floors)
    )
    keys = tuple(SeriesKey(signal.name, "healthy") for signal in signals)
    watcher = Watcher(signals, unlike=unlike)
    begun: Counter[str] = Counter()
    seen, state, learned = set[str](), None, None
    window = int(HISTORY / step)
    for end in range(MEMORY, values.shape[1]):
        first = 0 if learned is None else end + 1 - window
        apart = timedelta(seconds=step)
        block = Block(keys, START + first * apart, apart, values[:, first : end + 1])
        watched = watcher.advance(block, state, learned=learned)
        state, learned = watched.state, watched.learned
        for anomaly in watched.anomalies:
            if anomaly.id not in seen:
                seen.add(anomaly.id)
                begun[KINDS[int(anomaly.signal) % len(KINDS)].__name__] += 1
    return begun


if __name__ == "__main__":
    main()
