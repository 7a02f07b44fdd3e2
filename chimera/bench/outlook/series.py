"""Series to back-test forecasts on: a folder of CSV files, a recorded estate, seeded synthetic ones."""

from __future__ import annotations

import csv
import lzma
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np

from chimera.detection.base import Block, Floats
from chimera.domain import Misconfigured, NotFound, moment
from chimera.platform.observability.grid import Grid
from chimera.platform.observability.prometheus import RawSeries
from chimera.platform.observability.queries import selectors
from chimera.platform.observability.signals import block_of
from chimera.platform.settings import Watched

LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+) (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def of_folder(folder: Path) -> Iterator[tuple[str, Floats]]:
    """Name and values (time,) of every `timestamp,value` CSV below a folder.

    Raises NotFound when there is none, Misconfigured for one that is not like that.
    """
    files = sorted(folder.rglob("*.csv"))
    if not files:
        raise NotFound(f"there is no CSV file below {folder}; give a folder that holds some")
    for file in files:
        with file.open(newline="") as lines:
            try:
                values = [float(row["value"]) for row in csv.DictReader(lines)]
            except (KeyError, ValueError, TypeError) as error:
                raise Misconfigured(f"{file} has no column of numbers `value`: {error}") from error
        yield f"{file.parent.name}/{file.name}", np.array(values)


def of_recording(recording: Path, signals: tuple[Watched, ...], step: float) -> Block:
    """The watched series of an OpenMetrics recording, plain or `.xz`, as Chimera would see them."""
    wanted = {name for s in signals for name in _metrics(s)} | {"up"}
    samples: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    with lzma.open(recording, "rt") if recording.suffix == ".xz" else recording.open() as lines:
        for line in lines:
            if (found := LINE.match(line)) and found[1] in wanted:
                samples[found[1], found[2] or ""].append((float(found[4]), float(found[3])))
    raw: dict[str, list[RawSeries]] = defaultdict(list)
    for (name, inner), pairs in samples.items():
        labels = {"__name__": name, **dict(LABEL.findall(inner))}
        times, values = np.array(sorted(pairs)).T
        raw[name].append(RawSeries(labels, times, values))
    times = np.concatenate([s.times for several in raw.values() for s in several])
    points = int((times.max() - times.min()) // step) + 1
    grid = Grid(moment(float(times.min())), timedelta(seconds=step), points)
    chosen = {
        selector: [s for s in raw[selector.partition("{")[0]] if _matches(selector, s.labels)]
        for signal in signals
        for selector in selectors(signal).values()
    }
    return block_of(signals, chosen | {"up": raw["up"]}, grid)


def _metrics(signal: Watched) -> set[str]:
    return {selector.partition("{")[0] for selector in selectors(signal).values()}


def _matches(selector: str, labels: object) -> bool:
    """Whether a series has what the selector asks for: `a="b"` and `a=~"b"`."""
    assert isinstance(labels, dict)
    for name, how, value in re.findall(r'(\w+)\s*(=~|=)\s*"([^"]*)"', selector):
        has = labels.get(name, "")
        if (how == "=" and has != value) or (how == "=~" and not re.fullmatch(value, has)):
            return False
    return True
