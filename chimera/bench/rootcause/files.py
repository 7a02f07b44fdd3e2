"""Tables of a case: CSV with a `time` column, spans and log lines as Parquet."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from chimera.diagnosis.observed import Floats, Line, Spans
from chimera.domain import Misconfigured, NotFound

_SPAN = re.compile(r"(?i)\bspan[_-]?id[\"']?\s*[:=]\s*[\"']?([0-9a-f]{8,32})")


@dataclass(frozen=True, eq=False)
class Table:
    """`values` are (rows, columns); `times` Unix seconds."""

    columns: tuple[str, ...]
    times: Floats
    values: Floats

    def column(self, name: str) -> Floats:
        return self.values[:, self.columns.index(name)]


@lru_cache(maxsize=32)
def table(path: Path) -> Table:
    """Read a CSV. Empty cells are missing samples. Raises NotFound, Misconfigured.

    What is wrong is told by its place: nothing of a file that is no table is repeated.
    """
    head, *rows = _rows(path, "table of metrics")
    if "time" not in head:
        raise Misconfigured(f"{path} has no column `time`; it needs one, in Unix seconds")
    values = np.array([_numbers(path, head, n, row) for n, row in enumerate(rows, 2)])
    values = values.reshape(len(rows), len(head))
    at = head.index("time")
    order = np.argsort(values[:, at], kind="stable")
    values = values[order]
    others = [i for i in range(len(head)) if i != at]
    return Table(tuple(head[i] for i in others), values[:, at], values[:, others])


def edges(path: Path) -> frozenset[tuple[str, str]]:
    """Caller and callee of each row; the first two columns, whatever they are called."""
    rows = _rows(path, "graph of caller and callee")
    return frozenset((row[0], row[1]) for row in rows[1:] if len(row) >= 2)


def _rows(path: Path, what: str) -> list[list[str]]:
    """The rows of a CSV, its head first. Raises NotFound, Misconfigured."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            found = [row for row in csv.reader(file) if row]
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}; correct its name") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no CSV in UTF-8"
        raise Misconfigured(f"{path} is no {what}: {why}") from error
    if not found:
        raise Misconfigured(f"{path} is no {what}: it is empty")
    return found


def _numbers(path: Path, head: list[str], number: int, row: list[str]) -> list[float]:
    """A row of cells as numbers; `number` is its line."""
    if len(row) != len(head):
        raise Misconfigured(
            f"{path} is no table of metrics: row {number} has {len(row)} cells and the head {len(head)}"
        )
    found = []
    for column, cell in enumerate(row, 1):
        try:
            found.append(float(cell) if cell else np.nan)
        except ValueError as error:
            raise Misconfigured(
                f"{path} is no table of metrics: row {number}, column {column} is no number"
            ) from error
    return found


@lru_cache(maxsize=8)
def spans(path: Path) -> Spans:
    """Read spans; a span that was written twice counts once. Raises NotFound, Misconfigured."""
    wanted = ["span_id", "parent_id", "service", "operation", "start_ns", "duration_us"]
    columns = _parquet(path, wanted)
    ids = columns["span_id"]
    rows: dict[str, int] = {}
    for i, name in enumerate(ids):
        rows.setdefault(name, i)
    kept = list(rows.values())
    place = {name: at for at, name in enumerate(rows)}
    services, service = _coded([columns["service"][i] for i in kept])
    operations, operation = _coded([columns["operation"][i] for i in kept])
    return Spans(
        ids=tuple(rows),
        parent=np.array([place.get(columns["parent_id"][i], -1) for i in kept], dtype=np.int64),
        service=service,
        operation=operation,
        started=np.array([columns["start_ns"][i] for i in kept], dtype=np.float64) / 1e9,
        lasted=np.array([columns["duration_us"][i] for i in kept], dtype=np.float64) / 1e3,
        services=services,
        operations=operations,
    )


@lru_cache(maxsize=8)
def lines(path: Path) -> tuple[tuple[Line, float], ...]:
    """Log lines with their times (Unix seconds), which may be wrong: the span's is better.

    Raises NotFound, Misconfigured.
    """
    columns = _parquet(path, ["time_ns", "service", "message"])
    found = []
    for at, service, message in zip(*columns.values(), strict=True):
        told = _SPAN.search(message)
        found.append((Line(service, message, told.group(1) if told else ""), at / 1e9))
    return tuple(found)


def _parquet(path: Path, wanted: list[str]) -> dict[str, list[Any]]:
    import pyarrow.parquet as pq

    if not path.is_file():
        raise NotFound(f"there is no file {path}; correct its name")
    try:
        found = pq.read_table(path, columns=wanted).to_pydict()
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path} is no Parquet with {', '.join(wanted)}") from error
    if missing := [name for name in wanted if name not in found]:
        raise Misconfigured(f"{path} has no column {', '.join(missing)}")
    return dict(found)


def _coded(names: list[str]) -> tuple[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    kinds = tuple(sorted(set(names)))
    code = {name: i for i, name in enumerate(kinds)}
    return kinds, np.array([code[name] for name in names], dtype=np.int64)
