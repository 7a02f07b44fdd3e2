"""A series, what was expected of it, and where it was abnormal: one picture for everybody.

Opaque and light on purpose: it is read in dark and light chat clients, in tickets and on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

import numpy as np
import numpy.typing as npt

from chimera.detection.base import Bounds
from chimera.domain.units import number
from chimera.platform.pictures.axes import ticks
from chimera.platform.pictures.canvas import Box, Drawing, Shape, Stroke, wide
from chimera.platform.pictures.frame import (
    EDGE,
    HEIGHT,
    LIMIT,
    LINE,
    ODD,
    WIDTH,
    Frame,
    Span,
    edges,
    pieces,
    value_range,
    within,
)  # fmt: skip
from chimera.platform.pictures.parts import (
    clocks,
    expected,
    gaps,
    grid,
    heading,
    is_utc,
    standing_out,
)  # fmt: skip


def draw(
    times: Sequence[datetime],
    values: npt.ArrayLike,
    bounds: Bounds | None = None,
    spans: Sequence[Span] = (),
    *,
    title: str = "",
    subtitle: str = "",
    unit: str = "",
    limit: float | None = None,
    zone: tzinfo = UTC,
    now: datetime | None = None,
) -> Drawing:
    """The picture of one series.

    `values` and each array of `bounds` have one entry a time; NaN is a gap. `unit` is "seconds",
    "bytes", "bytes/s", "share" (0 to 1, shown in per cent) or any word. `zone` is the reader's: when
    it is not UTC, both are shown. What is after `now` is not missing: it has not happened yet.
    """
    line = np.atleast_1d(np.asarray(values, dtype=np.float64)).ravel()
    if len(times) != line.size or not line.size:
        raise ValueError(f"a picture of {line.size} values needs as many times, not {len(times)}")
    stamps = np.array([t.timestamp() for t in times], dtype=np.float64)
    band = [np.atleast_1d(np.asarray(b, dtype=np.float64)).ravel() for b in bounds or ()]
    low, high = value_range(line, band, limit)
    marks = ticks(low, high, unit)
    step = marks[1] - marks[0] if len(marks) > 1 else 0.0
    gutter = max(wide(number(m, unit, step), 12) for m in marks) + 18
    foot = 46 if is_utc(zone, times[-1]) else 60
    width = max(stamps[-1] - stamps[0], 1.0)
    frame = Frame(
        max(gutter, 48), 84 if title or subtitle else 34, WIDTH - 22, HEIGHT - foot,
        float(stamps[0]), float(stamps[0] + width), low, high,
    )  # fmt: skip
    shapes: list[Shape] = [Box(0.5, 0.5, WIDTH - 1, HEIGHT - 1, "#ffffff", edge=EDGE)]
    shapes += heading(title, subtitle, band, spans, limit is not None)
    known = stamps.size if now is None else int((stamps <= now.timestamp()).sum())
    shapes += gaps(frame, stamps[:known], line[:known])
    shapes += [
        Box(
            frame.x(a),
            frame.top,
            max(frame.x(b) - frame.x(a), 2),
            frame.bottom - frame.top,
            ODD,
            0.10,
        )
        for a, b in edges(spans, frame)
    ]
    shapes += grid(frame, marks, step, unit)
    shapes += clocks(frame, zone)
    if band:
        shapes += expected(frame, stamps, band)
    if limit is not None and low <= limit <= high:
        y = frame.y(limit)
        shapes.append(Stroke(((frame.left, y), (frame.right, y)), LIMIT, 1.4, (7, 4)))
    if now is not None:
        x = frame.x(now.timestamp())
        shapes.append(Stroke(((x, frame.top), (x, frame.bottom)), EDGE, 1.2))
    odd = within(stamps, spans)
    shapes += [Stroke(p, LINE, 1.6) for p in pieces(frame, stamps, line)]
    shapes += [Stroke(p, ODD, 2.4) for p in pieces(frame, stamps, np.where(odd, line, np.nan))]
    shapes += standing_out(frame, stamps, line, band, spans, unit, zone, odd)
    return Drawing(WIDTH, HEIGHT, tuple(shapes), title or "a series and what was expected of it")
