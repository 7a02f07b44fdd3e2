"""What a file holds: times that rise, and columns of numbers; and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from chimera.detection.base import Floats
from chimera.domain import Misconfigured

Progress = Callable[[int, int], None]  # bytes or rows done, of how many

TIME_NAMES = (
    "timestamp", "time", "datetime", "date", "ts", "ds", "@timestamp", "_time", "utc", "when",
)  # fmt: skip
# A number this large counts these parts of a second since 1970.
EPOCHS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (-np.inf, 1.0))
PLAUSIBLE = 1e8  # seconds: 1973; a smaller number is a count, unless somebody says that it is time


@dataclass(frozen=True, eq=False)
class Sheet:
    """Columns by name; `times` in Unix seconds, strictly rising; `values` (column, row), NaN missing."""

    names: tuple[str, ...]
    times: Floats
    values: Floats
    notes: tuple[str, ...] = ()


def seconds(text: str) -> float:
    """A time as Unix seconds: ISO 8601, or a number since 1970. Raises ValueError."""
    word = text.strip()
    if word[4:5] == "/":
        word = word.replace("/", "-")
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        return float(epochs(np.array([float(word)]))[0])
    if word.isdigit():  # 20260131 is a day, and 1700000000 none
        return float(epochs(np.array([float(word)]))[0]) if len(word) != 8 else _utc(at)
    return _utc(at)


def _utc(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def epochs(values: Floats) -> Floats:
    """Numbers since 1970 as seconds: s, ms, us or ns by the size of the first. Raises ValueError."""
    if not np.isfinite(values).all():
        raise ValueError("a time that is no number")
    return values / next(parts for least, parts in EPOCHS if abs(values[0]) >= least)


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Whether a cell looks like a time by itself."""
    try:
        at = seconds(text)
    except (ValueError, OverflowError):
        return False
    return not is_number(text) or at >= PLAUSIBLE


def time_column(
    where: str, names: Sequence[str], looks: Callable[[int], bool], given: str | None
) -> int:
    """Which column is the time. `looks` says whether the cells of a column look like times."""
    if given is not None:
        if given not in names:
            raise Misconfigured(
                f"{where}: there is no column {given!r} for the time; it has {listed(names)}"
            )
        return names.index(given)
    known = [n for n, name in enumerate(names) if name.strip().lower() in TIME_NAMES]
    found = next((n for n in known if looks(n)), None)
    if found is None:
        found = next((n for n in range(len(names)) if looks(n)), None)
    if found is None and known:
        return known[0]  # its cells say what is wrong with them
    if found is None:
        raise Misconfigured(
            f"{where}: no column holds times; it has {listed(names)}. Name the one that does with "
            "--time; times are ISO 8601 (2026-01-31T12:00:00Z) or seconds or milliseconds since 1970"
        )
    return found


def chosen(where: str, names: Sequence[str], time: int, wanted: Sequence[str]) -> list[int]:
    """The columns to read, in the order they were asked for. Raises Misconfigured."""
    if unknown := [name for name in wanted if name not in names]:
        raise Misconfigured(f"{where}: there is no column {unknown[0]!r}; it has {listed(names)}")
    if wanted:
        return [list(names).index(name) for name in dict.fromkeys(wanted) if name != names[time]]
    found = [n for n in range(len(names)) if n != time]
    if not found:
        raise Misconfigured(
            f"{where}: {names[time]!r} is its only column; it needs one with numbers"
        )
    return found


def risen(where: str, times: Floats, line: Callable[[int], str], name: str) -> None:
    """Refuse times that do not rise, naming the two rows. `line` says where a row stands."""
    if times.size < 2:
        raise Misconfigured(f"{where}: {times.size} row with data; at least two are needed")
    fell = np.flatnonzero(np.diff(times) <= 0)
    if not fell.size:
        return
    row = int(fell[0]) + 1
    at, before = said(times[row]), said(times[row - 1])
    if times[row] == times[row - 1]:
        raise Misconfigured(
            f"{where}, {line(row)}, column {name!r}: the time {at} was in {line(row - 1)} already; "
            "keep one row for each time (several series: one column each)"
        )
    raise Misconfigured(
        f"{where}, {line(row)}, column {name!r}: {at} comes after {before}; sort the file by time"
    )


def said(at: float) -> str:
    return datetime.fromtimestamp(float(at), UTC).isoformat().replace("+00:00", "Z")


def listed(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(map(repr, names[:most]))
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
