"""Count what the specialists' raw surprise means on series without anomalies; print the maps.

    python benchmarks/specialists.py [--seeds 20]            # the rows of COUNTED
    python benchmarks/specialists.py --check [--seeds 4]     # what the maps in use say of new seeds

Seeded synthetic series (`healthy.py`), from their first sample on, at three sampling intervals. The
printed rows go into `chimera/detection/specialists/counted.py`: strength, -log10 of the share of
points that reach it, -log10 of alarms that do, a point (`Specialist.pace` of them; a group's).
`--check` counts alarms beside those that the maps promise, by kind of series.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from healthy import KINDS, blocks

from chimera.detection.base import Block
from chimera.detection.specialists import SPECIALISTS, Specialist

GRID = ((300.0, 6000), (60.0, 6000), (15.0, 3000))  # seconds a step, samples
KNOTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0)
SERIES = 110
ENOUGH = 30  # times that a strength must have been reached for a knot
BEYOND = 8.0  # how far the map goes on after the last knot
STEEPEST = 1.0  # decades for a decade of strength there, at most
LEVELS = (3.0, 4.0, 5.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", choices=[kind.name for kind in SPECIALISTS])
    given = parser.parse_args()
    kinds = [kind for kind in SPECIALISTS if given.only in (None, kind.name)]
    (check if given.check else print_maps)(given.seeds, kinds)


def series(seeds: int, first: int) -> Iterator[tuple[str, Block]]:
    """Blocks of every kind, seed and interval."""
    for seed in range(first, first + seeds):
        for step, time in GRID:
            yield from blocks(SERIES, time, step, seed * 1000 + int(step)).items()


def print_maps(seeds: int, kinds: list[type[Specialist]]) -> None:
    knots = np.array(KNOTS)
    points = {kind.name: np.zeros(len(knots)) for kind in kinds}
    alarms = {kind.name: np.zeros(len(knots)) for kind in kinds}
    seen, chances = dict.fromkeys(points, 0), dict.fromkeys(points, 0.0)
    for _, block in series(seeds, 0):
        for kind in kinds:
            one = kind()
            look = one.look(block)
            units = len(np.unique(one.units(block)))
            strongest = of_units(look.raw, one.units(block))
            points[one.name] += reached(strongest, knots)
            alarms[one.name] += reached(look.raw[look.alarms], knots)
            seen[one.name] += strongest.size
            chances[one.name] += units * look.raw.shape[1] / one.pace(block.step)
    print(f"# {max(seen.values()):,} points, {seeds} seeds")
    for name in points:
        print(f'    "{name}": (')
        for row in rising(knots, points[name] / seen[name], alarms[name], chances[name]):
            print("        ({}, {:.3f}, {:.3f}),".format(*row))
        print("    ),")


def of_units(raw: np.ndarray, units: np.ndarray) -> np.ndarray:
    """The strongest row of each unit."""
    if len(np.unique(units)) == len(units):
        return raw
    return np.stack([raw[units == unit].max(axis=0) for unit in np.unique(units)])


def reached(raw: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """How many reach each knot."""
    return raw.size - np.searchsorted(np.sort(raw, axis=None), knots)


def rising(
    knots: np.ndarray, shares: np.ndarray, alarms: np.ndarray, chances: float
) -> list[tuple[float, float, float]]:
    """The rows of a map: strictly rising, and going on no steeper than `STEEPEST`."""
    rows: list[tuple[float, float, float]] = []
    for knot, share, alarm in zip(knots.tolist(), shares, alarms, strict=True):
        if alarm < ENOUGH and rows:
            break
        often = -np.log10(max(alarm, 1) / chances)
        row = (knot, -np.log10(min(share, 1.0)) if knot else 0.0, often)
        if rows and (row[1] <= rows[-1][1] or row[2] <= rows[-1][2]):
            row = (knot, max(row[1], rows[-1][1] + 1e-3), max(row[2], rows[-1][2] + 1e-3))
        rows.append(row)
    last, before = rows[-1], rows[-2] if len(rows) > 1 else (-1.0, -1.0, -1.0)
    steep = [min((last[k] - before[k]) / (last[0] - before[0]), STEEPEST) for k in (1, 2)]
    rows.append((last[0] + BEYOND, last[1] + BEYOND * steep[0], last[2] + BEYOND * steep[1]))
    return rows


def check(seeds: int, kinds: list[type[Specialist]]) -> None:
    """Alarms at three levels of the map, as multiples of what it promises."""
    found: dict[tuple[str, str], np.ndarray] = {}
    seen: dict[tuple[str, str], float] = {}
    for kind, block in series(seeds, 500):
        for made in kinds:
            one = made()
            look = one.look(block)
            rates = one.scale.alarm_rate(look.raw[look.alarms])
            key = (one.name, kind)
            found[key] = found.get(key, np.zeros(len(LEVELS))) + reached(rates, np.array(LEVELS))
            units = len(np.unique(one.units(block)))
            seen[key] = seen.get(key, 0) + units * block.values.shape[1] / one.pace(block.step)
    for made in kinds:
        rows = [(kind, (made.name, kind)) for kind in KINDS]
        total = np.sum([found[key] for _, key in rows], axis=0)
        points = sum(seen[key] for _, key in rows)
        print(made.name, "all", *ratios(total, points))
        for kind, key in rows:
            print("   ", kind, *ratios(found[key], seen[key]))


def ratios(alarms: np.ndarray, points: float) -> list[str]:
    return [
        f"10^-{level:g}: {count:.0f} of {points * 10**-level:.1f}"
        for level, count in zip(LEVELS, alarms, strict=True)
    ]


if __name__ == "__main__":
    main()
