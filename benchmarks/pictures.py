"""Draw the pictures of docs/detection.md: seeded series, and what `find` says of them.

python benchmarks/pictures.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chimera.detection.base import Block, Bounds, Floats
from chimera.detection.find import find
from chimera.platform.pictures import Span, draw

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
DAY = 288


def series() -> dict[str, tuple[str, Floats, int, int]]:
    """Title, values, and the first and last column that are shown."""
    random = np.random.default_rng(4)
    clock = np.arange(9 * DAY)
    daily = 100 + 40 * np.sin(2 * np.pi * clock / DAY) + random.normal(scale=2, size=clock.size)
    hour = daily.copy()
    hour[8 * DAY + 60 : 8 * DAY + 72] -= 45
    flat = 50 + random.normal(size=clock.size)
    spikes = flat.copy()
    spikes[8 * DAY + 20] += 30
    spikes[8 * DAY + 60] += 150
    shift = flat.copy()
    shift[8 * DAY + 40 :] += 8
    last = len(clock)
    stuck = flat.copy()
    stuck[8 * DAY + 40 : 8 * DAY + 80] = stuck[8 * DAY + 39]
    gap = flat.copy()
    gap[8 * DAY + 40 : 8 * DAY + 80] = np.nan
    restless = flat.copy()
    restless[8 * DAY + 40 :] = 50 + random.normal(scale=3.5, size=DAY - 40)
    seldom = (random.random(clock.size) < 0.01) * 1.0
    seldom[8 * DAY + 40 : 8 * DAY + 80] = random.integers(0, 2, 40)
    leak = daily.copy()
    leak[4 * DAY :] += 8 * np.arange(5 * DAY) / DAY
    return {
        "flat": ("A value that is stuck", stuck, 8 * DAY - 60, 8 * DAY + 140),
        "gap": ("A stretch without data", gap, 8 * DAY - 60, 8 * DAY + 140),
        "variance": ("A scatter that grew", restless, 8 * DAY - 60, 8 * DAY + 140),
        "rare": ("Errors that come more often", seldom, 7 * DAY, 8 * DAY + 140),
        "drift": ("Every day a little higher", leak, 3 * DAY, last),
        "season": ("An hour unlike the same hour of other days", hour, 6 * DAY, last),
        "spikes": (
            "A spike, and a greater one that is told all the same",
            spikes,
            8 * DAY - 60,
            8 * DAY + 140,
        ),
        "shift": ("A level that moves", shift, 8 * DAY - 60, 8 * DAY + 140),
    }


def service() -> Block:
    """A service's series, which follow one load; the last one parts from them."""
    random = np.random.default_rng(5)
    clock = np.arange(9 * DAY)
    load = 10 * np.sin(2 * np.pi * clock / DAY) + 6 * random.normal(size=clock.size)
    values = 100 + load + random.normal(scale=1.5, size=(4, clock.size))
    part = slice(8 * DAY + 40, 8 * DAY + 80)
    values[3, part] = 200 - values[3, part]
    return Block.of(values, step=300.0)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    drawn = {
        name: (title, Block.of(values[None], step=300.0), first, last)
        for name, (title, values, first, last) in series().items()
    }
    drawn["group"] = ("One parts from its group", service(), 8 * DAY - 60, 8 * DAY + 140)
    for name, (title, block, first, last) in drawn.items():
        row = len(block.keys) - 1
        found = find(block, alarms_per_week=1.0)
        spans = [
            Span(block.at(max(o.since, 0)), None if o.ended is None else block.at(o.ended))
            for o in found.oddities
            if o.row == row and first <= o.began < last
        ]
        drawing = draw(
            [block.at(n) for n in range(first, last)],
            block.values[row, first:last],
            Bounds(*(side[row, first:last] for side in found.bounds)),
            spans,
            title=title,
            subtitle="seeded series, a point every five minutes, budget: one false alarm a week",
        )
        (FOLDER / f"{name}.svg").write_text(drawing.svg())


if __name__ == "__main__":
    main()
