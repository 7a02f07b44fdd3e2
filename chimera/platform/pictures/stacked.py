"""Several series one above the other, on one axis of time: what came first is seen at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

import numpy as np

from chimera.detection.base import Floats
from chimera.domain.units import number
from chimera.platform.pictures.axes import ticks
from chimera.platform.pictures.canvas import (
    Area,
    Box,
    Dot,
    Drawing,
    Shape,
    Stroke,
    Words,
    cut,
    wide,
)
from chimera.platform.pictures.frame import (
    EDGE,
    HEIGHT,
    INK,
    LIMIT,
    LINE,
    ODD,
    SOFT,
    WIDTH,
    Frame,
    pieces,
    value_range,
)
from chimera.platform.pictures.parts import clocks, gaps, grid

PANEL, PLOT = 128, 84  # heights of one series: with its title, and of its plot
FOOT = 46  # below the last one: the clock


@dataclass(frozen=True, eq=False)
class Panel:
    """One series. `values` has one entry a time, NaN is a gap; `role` is told before its title."""

    role: str
    title: str
    times: Sequence[datetime]
    values: Floats
    limit: float | None = None


def stacked(
    panels: Sequence[Panel], onset: datetime, *, title: str = "", zone: tzinfo = UTC
) -> Drawing:
    """The picture of several series, the onset marked through all of them.

    Raises ValueError without a panel, and for one whose values are not as many as its times.
    """
    wrong = [p.title for p in panels if len(p.times) != p.values.size or not p.values.size]
    if wrong or not panels:
        raise ValueError(f"a series needs as many values as times, and one at least: {wrong}")
    start = min(p.times[0] for p in panels).timestamp()
    end = max(max(p.times[-1] for p in panels).timestamp(), start + 1.0)
    ranges = [value_range(p.values, (), p.limit) for p in panels]
    marks = [ticks(low, high, "", 4) for low, high in ranges]
    steps = [m[1] - m[0] if len(m) > 1 else 0.0 for m in marks]
    labels = [number(m, "", step) for row, step in zip(marks, steps, strict=True) for m in row]
    left = max(48.0, max(wide(label, 12) for label in labels) + 18)
    height = 12 + PANEL * len(panels) + FOOT
    shapes: list[Shape] = [Box(0.5, 0.5, WIDTH - 1, height - 1, "#ffffff", edge=EDGE)]
    for row, panel in enumerate(panels):
        top = 12.0 + PANEL * row + PANEL - PLOT - 8
        frame = Frame(left, top, WIDTH - 22, top + PLOT, start, end, *ranges[row])
        shapes += series(frame, panel, marks[row], steps[row], onset.timestamp())
    # The clock is written for a picture of the usual height.
    usual = Frame(left, 0, WIDTH - 22, HEIGHT - FOOT, start, end, 0.0, 1.0)
    shapes += [moved(shape, height - HEIGHT) for shape in clocks(usual, zone)]
    first = 12.0 + PANEL - PLOT - 8
    x = usual.x(onset.timestamp())
    said = f"onset {onset.astimezone(zone):%H:%M:%S}"
    over = x + wide(said, 11.5) + 8 > usual.right
    shapes.append(Stroke(((x, first), (x, height - FOOT - 4.0)), ODD, 1.2, (2, 3)))
    shapes.append(Words(x - 5 if over else x + 4, 24, said, 11.5, ODD, "end" if over else "start"))
    return Drawing(WIDTH, height, tuple(shapes), title or "cause and symptom on one axis of time")


def series(
    frame: Frame, panel: Panel, marks: Sequence[float], step: float, onset: float
) -> Iterator[Shape]:
    """One series with its title, what came since the onset in another colour."""
    stamps = np.array([t.timestamp() for t in panel.times], dtype=np.float64)
    line = np.asarray(panel.values, dtype=np.float64)
    y = frame.top - 10
    yield Words(20, y, panel.role, 12, ODD if panel.role == "cause" else SOFT, bold=True)
    from_left = 20 + wide(panel.role, 12, bold=True) + 8
    yield Words(from_left, y, cut(panel.title, 12.5, WIDTH - from_left - 150), 12.5, INK)
    yield from gaps(frame, stamps, line)
    yield from grid(frame, marks, step, "")
    if panel.limit is not None and frame.low <= panel.limit <= frame.high:
        at = frame.y(panel.limit)
        yield Stroke(((frame.left, at), (frame.right, at)), LIMIT, 1.2, (7, 4))
    for part in pieces(frame, stamps, line):
        yield Stroke(part, LINE, 1.4)
    for part in pieces(frame, stamps, np.where(stamps >= onset, line, np.nan)):
        yield Stroke(part, ODD, 2.0)


def moved(shape: Shape, down: float) -> Shape:
    """The same shape further down."""
    if isinstance(shape, Area | Stroke):
        return replace(shape, points=tuple((x, y + down) for x, y in shape.points))
    assert isinstance(shape, Box | Dot | Words)
    return replace(shape, y=shape.y + down)
