"""What was found, as a table, JSON and a picture."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from chimera.cli.base.output import CONTROL, line, say
from chimera.cli.detect.sources import Data
from chimera.detection.base import Bounds
from chimera.domain import Misconfigured
from chimera.domain.units import number
from chimera.platform.pictures import Span, draw

if TYPE_CHECKING:
    from chimera.detection.find import Found, Oddity

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
AROUND = 6  # times the length of the anomaly that the picture shows, half of it before
LEAST = 240  # points that it shows at least


def seconds(option: str, text: str) -> float:
    """`90m` as seconds. Raises Misconfigured."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text.strip())
    if not match or match[2] not in UNITS or float(match[1]) <= 0:
        raise Misconfigured(
            f"{option}: {text!r} is no length of time; write it like 30s, 90m, 6h, 2d"
        )
    return float(match[1]) * UNITS[match[2]]


def check_picture(path: Path | None) -> Literal["svg", "png"] | None:
    """What kind of picture a file's name asks for. Raises Misconfigured."""
    if path is None:
        return None
    if path.suffix.lower() not in (".svg", ".png"):
        raise Misconfigured(f"--picture: {path} must end in .svg or .png")
    return "svg" if path.suffix.lower() == ".svg" else "png"


def show(data: Data, found: Found, alarms_per_week: float, limit: int) -> None:
    """The anomalies for people, the strongest first."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    block = data.block
    rows, points = block.values.shape
    say(
        f"{rows} series of {points} points, {_length(block.step)} apart, from {_clock(data, 0)} to "
        f"{_clock(data, points - 1)} UTC."
    )
    for note in data.notes:
        say(f"Note: {line(note)}.")
    strongest = sorted(found.oddities, key=lambda o: -o.surprise)[:limit]
    if not strongest:
        say(f"No anomaly at {_budget(alarms_per_week)}.")
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("series", "from", "lasted", "worst at"):
        table.add_column(name.upper(), overflow="fold", no_wrap=name != "series")
    for name in ("seen", "expected", "surprise", "sure"):
        table.add_column(name.upper(), justify="right", no_wrap=True)
    table.add_column("DETECTOR", no_wrap=True)
    table.add_column("WHY", overflow="fold")
    for one in strongest:
        cells = (
            line(data.name(one.row)), _clock(data, _since(one)), _lasted(data, one), _clock(data, one.peak),
            number(one.seen), f"{number(one.low)} to {number(one.high)}", f"{one.surprise:.1f}",
            f"{one.confidence:.0%}", line(", ".join((one.detector, *one.also))), line(one.why),
        )  # fmt: skip
        table.add_row(*(Text(CONTROL.sub("", cell)) for cell in cells))
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:  # a pipe gets whole lines
        console.width = 400
    say()
    console.print(table)
    say()
    more = len(found.oddities) - len(strongest)
    count = len(found.oddities)
    say(
        f"{count} {'anomaly' if count == 1 else 'anomalies'} at {_budget(alarms_per_week)} "
        f"over everything (surprise {found.threshold:.2g} and more)"
        + (f"; {more} more with --limit." if more else ".")
    )


def told(data: Data, found: Found, alarms_per_week: float) -> dict[str, Any]:
    """The same for programs, everything in the order of time."""
    block = data.block
    return {
        "source": data.source,
        "from": block.start.isoformat(),
        "to": block.end.isoformat(),
        "step": block.step.total_seconds(),
        "series": [key.signal for key in block.keys],
        "points": block.values.shape[1],
        "notes": list(data.notes),
        "alarms_per_week": alarms_per_week,
        "threshold": found.threshold,
        "anomalies": [
            {
                "series": data.name(one.row),
                "began": block.at(one.began).isoformat(),
                "ended": None if one.ended is None else block.at(one.ended).isoformat(),
                "worst": block.at(one.peak).isoformat(),
                "seen": _finite(one.seen),
                "expected": _finite(one.centre),
                "low": _finite(one.low),
                "high": _finite(one.high),
                "surprise": round(one.surprise, 3),
                "confidence": round(one.confidence, 4),
                "since": block.at(_since(one)).isoformat(),
                "detector": one.detector,
                "also": list(one.also),
                "why": one.why,
                "same_in": [data.name(row) for row in one.others],
            }
            for one in sorted(found.oddities, key=lambda o: (o.began, o.row))
        ],
    }


def drawn(
    data: Data, found: Found, path: Path, form: Literal["svg", "png"], *, quiet: bool = False
) -> None:
    """The series with the strongest anomaly, around it."""
    block = data.block
    points = block.values.shape[1]
    best = max(found.oddities, key=lambda o: o.surprise, default=None)
    row = best.row if best else 0
    first, last = _around(best, points)
    shown = slice(first, last)
    spans = [
        Span(block.at(_since(o)), None if o.ended is None else block.at(o.ended))
        for o in found.oddities
        if o.row == row and o.began < last and (o.ended is None or o.ended >= first)
    ]
    title, subtitle = data.name(row), "no anomaly"
    if best:
        if math.isfinite(best.seen):
            title += f" is {number(best.seen)}, expected {number(best.low)} to {number(best.high)}"
        subtitle = f"{best.why}; " if best.why else ""
        subtitle += (
            f"found by {best.detector}, surprise {best.surprise:.1f}, {best.confidence:.0%} sure"
        )
    drawing = draw(
        [block.at(n) for n in range(first, last)],
        block.values[row, shown],
        Bounds(*(b[row, shown] for b in found.bounds)),
        spans,
        title=title,
        subtitle=subtitle,
    )
    path.write_bytes(drawing.svg().encode() if form == "svg" else drawing.png())
    if not quiet:
        say(f"{data.name(row)} is drawn in {path}.")


def _around(best: Any, points: int) -> tuple[int, int]:
    """The columns that are shown: all of a short series, else some time around the anomaly."""
    if best is None or points <= 4 * LEAST:
        return 0, points
    ended = points - 1 if best.ended is None else best.ended
    room = max(AROUND * (ended - best.began + 1), 4 * LEAST)
    first = max(min((best.began + ended - room) // 2, points - room), 0)
    return first, min(first + room, points)


def _clock(data: Data, index: int) -> str:
    at = data.block.at(index)
    return (
        f"{at:%Y-%m-%d %H:%M}"
        if data.block.step >= timedelta(minutes=1)
        else f"{at:%Y-%m-%d %H:%M:%S}"
    )


def _lasted(data: Data, one: Oddity) -> str:
    if one.ended is None:
        return "goes on"
    return _length(data.block.step * (one.ended - _since(one) + 1))


def _since(one: Oddity) -> int:
    """The column at which it began, as far as the data reach back."""
    return max(min(one.since or one.began, one.began), 0)


def _length(length: timedelta) -> str:
    return number(length.total_seconds(), "seconds")


def _budget(alarms: float) -> str:
    return f"{alarms:g} false {'alarm' if alarms == 1 else 'alarms'} a week"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
