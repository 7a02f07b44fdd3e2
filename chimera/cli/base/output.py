"""Text for people, JSON for programs."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

# What others wrote (alerts, log lines) must not steer the reader's terminal.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def say(text: str = "") -> None:
    typer.echo(CONTROL.sub("", text))


def as_json(data: Any) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def to_file(path: Path, data: Any) -> None:
    """The same JSON as a file."""
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], none: str) -> None:
    """Aligned columns; on a terminal the last one is cut to the width, in a pipe nothing is."""
    cells = [[line(cell) for cell in row] for row in rows]
    if not cells:
        say(none)
        return
    widths = [max(len(name), *(len(row[at]) for row in cells)) for at, name in enumerate(columns)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in ([name.upper() for name in columns], *cells):
        text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say(text.rstrip()[:room])


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values, one a line; what is empty is left out."""
    shown = [(name, value) for name, value in pairs if value not in (None, "", [], {})]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        say(f"{name.ljust(width)}  {line(value)}")


def brakes(pauses: Iterable[Mapping[str, Any]]) -> None:
    """Say what is paused: every view does."""
    for pause in pauses:
        where = "everywhere" if pause["environment"] == "*" else f"in {pause['environment']}"
        reason = f": {line(pause['reason'])}" if pause["reason"] else ""
        say(f"PAUSED {where} by {line(pause['by'])}, {ago(pause['at'])}{reason}")


def hushes(lines: Iterable[str]) -> None:
    """Say what is silenced, in maintenance or muted by feedback: every view does."""
    for text in lines:
        say(f"HELD BACK: {line(text)}")


def line(value: object) -> str:
    """A value in one line."""
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(line(item) for item in value) or "-"
    if isinstance(value, dict):
        return ", ".join(f"{key}={line(item)}" for key, item in value.items()) or "-"
    return CONTROL.sub("", " ".join(str(value).split()))


def ago(moment: str | None) -> str:
    """An ISO time as "3 min ago"."""
    from chimera.domain.units import span

    if not moment:
        return "-"
    return f"{span((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())} ago"
