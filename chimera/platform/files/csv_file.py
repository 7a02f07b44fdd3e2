"""Columns from a CSV file, read in pieces; what is wrong is told with its line and column."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from chimera.detection.base import Floats
from chimera.domain import Misconfigured
from chimera.platform.files.sheet import (
    Progress,
    Sheet,
    chosen,
    epochs,
    is_number,
    is_time,
    risen,
    seconds,
    time_column,
)  # fmt: skip

ROWS = 50_000  # in a piece
LOOKED = 20  # rows that tell which column is the time
MISSING = frozenset({"", "na", "n/a", "null", "none", "nil", "-"})

Row = tuple[int, list[str]]  # the line it ends on, its cells


def read_csv(path: Path, time: str | None, columns: tuple[str, ...], progress: Progress) -> Sheet:
    """The sheet of a CSV file (or `.csv.gz`), with or without a header. Raises Misconfigured."""
    size = path.stat().st_size
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            binary = gzip.GzipFile(fileobj=raw) if packed else raw
            with io.TextIOWrapper(binary, "utf-8-sig", newline="") as text:
                return _read(str(path), text, time, columns, lambda: progress(raw.tell(), size))
    except UnicodeDecodeError as error:
        raise Misconfigured(
            f"{path} is not UTF-8 text (byte {error.start}); save it as CSV in UTF-8, or as Parquet"
        ) from error
    except (OSError, EOFError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from error


def _read(
    where: str,
    text: io.TextIOWrapper,
    time: str | None,
    columns: tuple[str, ...],
    told: Callable[[], None],
) -> Sheet:
    rows = _rows(where, text)
    first = next(rows, None)
    if first is None:
        raise Misconfigured(f"{where} is empty; it needs a header, a time column and numbers")
    start = list(islice(rows, LOOKED))
    names, bare = _header(where, first)
    start = [first, *start] if bare else start
    if not start:
        raise Misconfigured(f"{where} has a header and no rows; there is nothing to look at")
    looked = [cells for _, cells in start]
    at = time_column(
        where, names, lambda n: all(n < len(c) and is_time(c[n]) for c in looked), time
    )
    wanted = chosen(where, names, at, columns)
    pieces: list[tuple[Floats, list[Floats], list[int]]] = []
    naive = False
    piece = [*start, *islice(rows, ROWS)]
    while piece:
        lines = [line for line, _ in piece]
        for line, cells in piece:
            if len(cells) != len(names):
                raise Misconfigured(
                    f"{where}, line {line}: {len(cells)} cells where the header has {len(names)}; "
                    "correct the line, or quote what holds the separator"
                )
        stamps = _times(where, names[at], [cells[at] for _, cells in piece], lines)
        naive = naive or _is_naive(piece[0][1][at])
        several = [
            _numbers(where, names[n], [cells[n] for _, cells in piece], lines) for n in wanted
        ]
        pieces.append((stamps, several, lines))
        told()
        piece = list(islice(rows, ROWS))
    times = np.concatenate([p[0] for p in pieces])
    every = [line for _, _, lines in pieces for line in lines]
    risen(where, times, lambda row: f"line {every[row]}", names[at])
    values = np.stack([np.concatenate([p[1][n] for p in pieces]) for n in range(len(wanted))])
    notes = (f"times without an offset are taken as UTC ({names[at]})",) if naive else ()
    return Sheet(tuple(names[n] for n in wanted), times, values, notes)


def _rows(where: str, text: io.TextIOWrapper) -> Iterator[Row]:
    """Rows that are not blank. The separator is the one that the first line has most of."""
    head = text.readline()
    separator = max(",;\t|", key=head.count)
    rest = csv.reader(_again(head, text), delimiter=separator, skipinitialspace=True)
    try:
        for cells in rest:
            if any(cell.strip() for cell in cells):
                yield rest.line_num, cells
    except csv.Error as error:
        raise Misconfigured(f"{where}, line {rest.line_num}: {error}; is it CSV?") from error


def _again(head: str, text: io.TextIOWrapper) -> Iterator[str]:
    yield head
    yield from text


def _header(where: str, first: Row) -> tuple[list[str], bool]:
    """Names of the columns, and whether there is no header: the first line holds data already."""
    cells = [cell.strip() for cell in first[1]]
    if all(is_number(cell) or is_time(cell) for cell in cells if cell):
        return [f"column {n + 1}" for n in range(len(cells))], True
    seen: dict[str, int] = {}
    for n, cell in enumerate(cells):
        if cell in seen:
            raise Misconfigured(
                f"{where}, line {first[0]}: columns {seen[cell] + 1} and {n + 1} are both called {cell!r}; "
                "give each a name of its own"
            )
        seen[cell] = n
    return cells, False


def _times(where: str, name: str, cells: list[str], lines: list[int]) -> Floats:
    found = np.empty(len(cells))
    try:
        if is_number(cells[0]) and len(cells[0].strip()) != 8:  # 20260131 is a day
            return epochs(np.array(cells, dtype=np.float64))
        for n, cell in enumerate(cells):
            found[n] = seconds(cell)
    except (ValueError, OverflowError):
        n = next(n for n, cell in enumerate(cells) if not _readable(cell))
        raise Misconfigured(
            f"{where}, line {lines[n]}, column {name!r}: {cells[n]!r} is no time; write ISO 8601 "
            "(2026-01-31T12:00:00Z) or seconds or milliseconds since 1970"
        ) from None
    return found


def _readable(cell: str) -> bool:
    try:
        seconds(cell)
    except (ValueError, OverflowError):
        return False
    return True


def _numbers(where: str, name: str, cells: list[str], lines: list[int]) -> Floats:
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        pass
    known = [("nan" if cell.strip().lower() in MISSING else cell) for cell in cells]
    try:
        return np.array(known, dtype=np.float64)
    except ValueError as error:
        n = next(n for n, cell in enumerate(known) if not is_number(cell))
        raise Misconfigured(
            f"{where}, line {lines[n]}, column {name!r}: {cells[n]!r} is no number; correct it, or "
            f"read other columns with --columns"
        ) from error


def _is_naive(cell: str) -> bool:
    return not is_number(cell) and not (
        cell.endswith(("Z", "z")) or "+" in cell[10:] or "-" in cell[10:]
    )
