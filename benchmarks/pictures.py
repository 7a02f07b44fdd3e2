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
    return {
        "season": ("An hour unlike the same hour of other days", hour, 6 * DAY, last),
        "spikes": (
            "A spike, and a greater one that is told all the same",
            spikes,
            8 * DAY - 60,
            8 * DAY + 140,
        ),
        "shift": ("A level that moves", shift, 8 * DAY - 60, 8 * DAY + 140),
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (title, values, first, last) in series().items():
        block = Block.of(values[None], step=300.0)
        found = find(block, alarms_per_week=1.0)
        spans = [
            Span(block.at(o.began), None if o.ended is None else block.at(o.ended))
            for o in found.oddities
            if first <= o.began < last
        ]
        drawing = draw(
            [block.at(n) for n in range(first, last)],
            values[first:last],
            Bounds(*(side[0, first:last] for side in found.bounds)),
            spans,
            title=title,
            subtitle="seeded series, a point every five minutes, budget: one false alarm a week",
        )
        (FOLDER / f"{name}.svg").write_text(drawing.svg())


if __name__ == "__main__":
    main()
