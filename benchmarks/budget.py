"""Count false alarms a week through `find`, beside the budget it was given.

    python benchmarks/budget.py [--seeds 4] [--budget 1]    # seeded series without anomalies
    python benchmarks/budget.py --folder PATH               # files with labels: outside of them

Seeded blocks of 110 series over two weeks (`healthy.py`), by kind, and which detectors raised the
alarms. A folder is laid out like NAB's; each file is a block of its own with the whole budget, and
what begins within a labelled window counts apart.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
from healthy import KINDS, blocks

from chimera.bench.numenta.files import SeriesFile, read
from chimera.detection.base import Block
from chimera.detection.engine.memory import SIGNALS
from chimera.detection.find import WEEK, find

SERIES, TIME, STEP = 110, 2 * 2016, 300.0
FIRST_SEED = 800  # far from those that the maps were counted with


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--budget", type=float, default=1.0)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.folder:
        outside(given.folder, given.budget)
    else:
        synthetic(given.seeds, given.budget)


def synthetic(seeds: int, budget: float) -> None:
    alarms: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        for kind, block in blocks(SERIES, TIME, STEP, seed).items():
            found = find(block, alarms_per_week=budget)
            alarms[kind].update(called(odd.detector) for odd in found.oddities)
    weeks = seeds * TIME * STEP / WEEK.total_seconds()
    for kind in KINDS:
        told(kind, alarms[kind], weeks, budget)
    told("all", sum(alarms.values(), Counter()), weeks * len(KINDS), budget)


def outside(folder: Path, budget: float) -> None:
    inside, calm, weeks = Counter[str](), Counter[str](), 0.0
    for file in read(folder):
        block, windows = evenly(file)
        weeks += block.values.shape[1] * block.step / WEEK
        for odd in find(block, alarms_per_week=budget).oddities:
            labelled = any(first <= odd.began <= last for first, last in windows)
            (inside if labelled else calm)[called(odd.detector)] += 1
    told("outside", calm, weeks, budget)
    print("inside", dict(inside))


def evenly(file: SeriesFile) -> tuple[Block, list[tuple[int, int]]]:
    """A file's rows on an even grid, and its windows there."""
    times = np.array([time.timestamp() for time in file.times])
    step = float(np.median(np.diff(times)))
    at = np.maximum.accumulate(np.round((times - times[0]) / step).astype(int))
    values = np.full(at[-1] + 1, np.nan)
    values[at] = file.values
    windows = [(int(at[first]), int(at[last])) for first, last in file.windows or ()]
    return Block.of(values, step=step), windows


def called(detector: str) -> str:
    return "ensemble" if detector in SIGNALS else detector


def told(name: str, alarms: Counter[str], weeks: float, budget: float) -> None:
    print(
        f"{name}: {alarms.total() / weeks:.2f} a week over {weeks:.0f} weeks, "
        f"asked for {budget:g}; {dict(alarms)}",
        flush=True,
    )


if __name__ == "__main__":
    main()
