"""Where the plot is, what is where in it, and how much of a long series is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from chimera.detection.base import Flags, Floats
from chimera.platform.pictures.canvas import Point

WIDTH, HEIGHT = 900, 380
INK, SOFT, PALE, FAINT, EDGE = "#1f2328", "#59636e", "#76818d", "#e3e7eb", "#c8d0d8"
LINE, BAND, ODD, LIMIT = "#3b4754", "#2f6fde", "#cf222e", "#b35900"
COLUMNS = 800  # points that are drawn at most twice: the lowest and the highest of each


@dataclass(frozen=True)
class Span:
    """A stretch that was abnormal. `ended` None: it still is."""

    began: datetime
    ended: datetime | None = None
    label: str = ""


@dataclass(frozen=True)
class Frame:
    """Where the plot is, and what is where in it."""

    left: float
    top: float
    right: float
    bottom: float
    start: float
    end: float
    low: float
    high: float

    def x(self, at: float) -> float:
        share = (at - self.start) / max(self.end - self.start, 1e-9)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def y(self, value: float) -> float:
        share = (value - self.low) / max(self.high - self.low, 1e-300)
        return self.bottom - (self.bottom - self.top) * min(max(share, 0.0), 1.0)


def value_range(line: Floats, band: Sequence[Floats], limit: float | None) -> tuple[float, float]:
    """From the lowest to the highest that is worth seeing, with some air."""
    known = line[np.isfinite(line)]
    if not known.size:
        known = np.zeros(1)
    low, high = float(known.min()), float(known.max())
    positive = low >= 0
    for edge in (*band[:1], *band[2:]):
        some = edge[np.isfinite(edge)]
        if some.size:  # a band that is wild for a moment does not flatten the picture
            low, high = (
                min(low, float(np.quantile(some, 0.02))),
                max(high, float(np.quantile(some, 0.98))),
            )
    if limit is not None and (high >= 0.5 * limit or high - low == 0):
        low, high = min(low, limit), max(high, limit)
    air = 0.08 * (high - low) or 0.1 * abs(high) or 1.0
    low, high = low - air, high + 1.6 * air
    if positive and low < 0.25 * high:
        low = 0.0
    return low, high


def edges(spans: Sequence[Span], frame: Frame) -> list[tuple[float, float]]:
    ends = [frame.end if s.ended is None else s.ended.timestamp() for s in spans]
    return [(s.began.timestamp(), end) for s, end in zip(spans, ends, strict=True)]


def within(stamps: Floats, spans: Sequence[Span]) -> Flags:
    found = np.zeros(stamps.size, dtype=bool)
    for span in spans:
        end = np.inf if span.ended is None else span.ended.timestamp()
        found |= (stamps >= span.began.timestamp() - 1e-6) & (stamps <= end + 1e-6)
    return found


def pieces(frame: Frame, stamps: Floats, line: Floats) -> Iterator[tuple[Point, ...]]:
    """The line between its gaps; a lone point is a short dash, so that it is seen."""
    times, values = _extremes(stamps, line)
    for first, last in runs(np.isfinite(values)):
        pairs = zip(times[first:last], values[first:last], strict=True)
        points = tuple((frame.x(t), frame.y(v)) for t, v in pairs)
        if len(points) == 1:
            (x, y) = points[0]
            points = ((x - 1.2, y), (x + 1.2, y))
        yield points


def _extremes(stamps: Floats, line: Floats) -> tuple[Floats, Floats]:
    """Of long series the lowest and the highest of each column, in their order: no spike is lost."""
    every = -(-line.size // COLUMNS)
    if every <= 2:
        return stamps, line
    size = -(-line.size // every)
    padded = np.full(size * every, np.nan)
    padded[: line.size] = line
    cells = padded.reshape(size, every)
    there = np.isfinite(cells)
    top = np.where(there, cells, -np.inf).argmax(axis=1)
    bottom = np.where(there, cells, np.inf).argmin(axis=1)
    base = np.arange(size) * every
    both = np.stack([base + np.minimum(top, bottom), base + np.maximum(top, bottom)], axis=1)
    index = np.minimum(both.ravel(), line.size - 1)
    empty = np.repeat(~there.any(axis=1), 2)
    return stamps[index], np.where(empty, np.nan, padded[index])


def thinned(stamps: Floats, line: Floats) -> tuple[Floats, Floats]:
    every = max(-(-line.size // 400), 1)
    return stamps[::every], line[::every]


def runs(there: Flags) -> list[tuple[int, int]]:
    """First and one past the last of every stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], there.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
