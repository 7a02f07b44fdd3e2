"""The parts of a picture: heading and key, grid and clocks, band, gaps, what stands out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np

from chimera.detection.base import Flags, Floats
from chimera.domain.units import number
from chimera.platform.pictures.axes import clock, time_ticks
from chimera.platform.pictures.canvas import Area, Box, Dot, Shape, Stroke, Words, cut, wide
from chimera.platform.pictures.frame import (
    BAND,
    EDGE,
    FAINT,
    HEIGHT,
    INK,
    LIMIT,
    LINE,
    ODD,
    PALE,
    SOFT,
    WIDTH,
    Frame,
    Span,
    edges,
    runs,
    thinned,
)  # fmt: skip


def heading(
    title: str, subtitle: str, band: Sequence[Floats], spans: Sequence[Span], limit: bool
) -> Iterator[Shape]:
    room = WIDTH - 40
    if title:
        size = next((s for s in (17.0, 15.5, 14.0) if wide(title, s, bold=True) <= room), 14.0)
        yield Words(20, 31, cut(title, size, room, bold=True), size, INK, bold=True)
    key = [("seen", LINE)] + [("expected", BAND)] * bool(band)
    key += [("abnormal", ODD)] * bool(spans) + [("limit", LIMIT)] * limit
    right = WIDTH - 22.0
    for name, colour in reversed(key):
        right -= wide(name, 12)
        yield Words(right, 55, name, 12, SOFT)
        right -= 22
        if name in ("expected", "abnormal"):
            yield Box(right, 47, 16, 9, colour, 0.2 if name == "expected" else 0.16)
        if name != "expected":
            dash = (4.0, 2.5) if name == "limit" else None
            yield Stroke(((right, 51.5), (right + 16, 51.5)), colour, 2, dash)
        right -= 14
    if subtitle:
        yield Words(20, 55, cut(subtitle, 12.5, right - 20), 12.5, SOFT)


def grid(frame: Frame, marks: Sequence[float], step: float, unit: str) -> Iterator[Shape]:
    for mark in marks:
        y = frame.y(mark)
        yield Stroke(((frame.left, y), (frame.right, y)), FAINT, 1)
        yield Words(frame.left - 8, y + 4, number(mark, unit, step), 12, SOFT, "end")
    base = frame.bottom
    yield Stroke(((frame.left, base), (frame.right, base)), EDGE, 1)


def clocks(frame: Frame, zone: tzinfo) -> Iterator[Shape]:
    start, end = (datetime.fromtimestamp(t, UTC) for t in (frame.start, frame.end))
    span, both = end - start, not is_utc(zone, end)
    for at in time_ticks(start, end, zone):
        x = frame.x(at.timestamp())
        yield Stroke(((x, frame.bottom), (x, frame.bottom + 5)), EDGE, 1)
        if frame.left + 14 <= x <= frame.right - 14:
            yield Words(x, frame.bottom + 19, clock(at, span, zone), 12, SOFT, "middle")
            if both:
                yield Words(x, frame.bottom + 34, clock(at, span, UTC), 11, PALE, "middle")
    day = f"{start.astimezone(zone):%d %b %Y}"
    last = f"{end.astimezone(zone):%d %b %Y}"
    days = day if day == last else f"{day} to {last}"
    name = "UTC" if not both else f"{end.astimezone(zone).tzname()} above, UTC below"
    yield Words(frame.right, HEIGHT - 10, f"{days}, {name}", 11.5, SOFT, "end")


def expected(frame: Frame, stamps: Floats, band: Sequence[Floats]) -> Iterator[Shape]:
    low, centre, high = (thinned(stamps, b) for b in band)
    for first, last in runs(np.isfinite(low[1]) & np.isfinite(high[1])):
        above = [
            (frame.x(t), frame.y(v))
            for t, v in zip(high[0][first:last], high[1][first:last], strict=True)
        ]
        below = [
            (frame.x(t), frame.y(v))
            for t, v in zip(low[0][first:last], low[1][first:last], strict=True)
        ]
        yield Area((*above, *reversed(below)), BAND, 0.17)
    for first, last in runs(np.isfinite(centre[1])):
        pairs = zip(centre[0][first:last], centre[1][first:last], strict=True)
        yield Stroke(tuple((frame.x(t), frame.y(v)) for t, v in pairs), BAND, 1, (3, 3))


def gaps(frame: Frame, stamps: Floats, line: Floats) -> Iterator[Shape]:
    """Where nothing was seen, so that a gap is not taken for a line that left the picture."""
    for first, last in runs(~np.isfinite(line)):
        a, b = (
            frame.x(float(stamps[max(first - 1, 0)])),
            frame.x(float(stamps[min(last, stamps.size - 1)])),
        )
        if b - a >= 6:
            yield Box(a, frame.top, b - a, frame.bottom - frame.top, "#eef1f4", 0.7)
        if b - a >= wide("no data", 11.5) + 8:
            yield Words((a + b) / 2, frame.bottom - 8, "no data", 11.5, PALE, "middle")


def standing_out(
    frame: Frame, stamps: Floats, line: Floats, band: Sequence[Floats], spans: Sequence[Span],
    unit: str, zone: tzinfo, odd: Flags,
) -> Iterator[Shape]:  # fmt: skip
    """When it began, and the point that is furthest from what was expected."""
    taken = -1e9
    for span, (a, _) in zip(spans, edges(spans, frame), strict=True):
        x = frame.x(a)
        yield Stroke(((x, frame.top - 4), (x, frame.bottom)), ODD, 1, (2, 3))
        said = span.label or f"began {_moment(span.began, frame.end - frame.start, zone)}"
        if x - taken > wide(said, 11.5) + 14:
            left = x + wide(said, 11.5) + 8 > frame.right
            yield Words(
                x - 5 if left else x + 4, frame.top - 7, said, 11.5, ODD, "end" if left else "start"
            )
            taken = x
    seen = odd & np.isfinite(line)
    if not seen.any():
        return
    usual = band[1] if band else np.full_like(line, np.nanmedian(line))
    away = np.where(seen, np.abs(line - np.nan_to_num(usual, nan=float(np.nanmedian(line)))), -1)
    peak = int(np.argmax(away))
    x, y = frame.x(float(stamps[peak])), frame.y(float(line[peak]))
    yield Dot(x, y, 4, ODD)
    said = number(float(line[peak]), unit)
    end = x + wide(said, 12.5, bold=True) + 14 > frame.right
    low = y < frame.top + 14
    yield Words(
        x - 9 if end else x + 9,
        y + (14 if low else -4),
        said,
        12.5,
        ODD,
        "end" if end else "start",
        True,
    )


def _moment(at: datetime, seconds: float, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}" if seconds < 20 * 3600 else f"{local:%d %b %H:%M}"


def is_utc(zone: tzinfo, at: datetime) -> bool:
    return at.astimezone(zone).utcoffset() == timedelta(0)
