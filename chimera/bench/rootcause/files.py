"""Tables of a case: CSV with a `time` column, spans and log lines as Parquet."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from chimera.diagnosis.observed import Floats, Line, Spans
from chimera.domain import Misconfigured

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
    """Read a CSV. Empty cells are missing samples. Raises Misconfigured for what is no number."""
    try:
        with path.open(newline="") as file:
            rows = csv.reader(file)
            head = next(rows)
            cells = [[float(cell) if cell else np.nan for cell in row] for row in rows]
    except (OSError, ValueError, StopIteration) as error:
        raise Misconfigured(f"{path} is no table of metrics: {error}") from error
    values = np.array(cells, dtype=np.float64).reshape(len(cells), len(head))
    if "time" not in head:
        raise Misconfigured(f"{path} has no column `time`")
    at = head.index("time")
    order = np.argsort(values[:, at], kind="stable")
    values = values[order]
    others = [i for i in range(len(head)) if i != at]
    return Table(tuple(head[i] for i in others), values[:, at], values[:, others])


def edges(path: Path) -> frozenset[tuple[str, str]]:
    """Caller and callee of each row; the first two columns, whatever they are called."""
    try:
        with path.open(newline="") as file:
            rows = list(csv.reader(file))
    except OSError as error:
        raise Misconfigured(f"{path} is no graph: {error}") from error
    return frozenset((row[0], row[1]) for row in rows[1:] if len(row) >= 2)


@lru_cache(maxsize=8)
def spans(path: Path) -> Spans:
    """Read spans; a span that was written twice counts once."""
    import pyarrow.parquet as pq

    wanted = ["span_id", "parent_id", "service", "operation", "start_ns", "duration_us"]
    columns = pq.read_table(path, columns=wanted).to_pydict()
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
    """Log lines with their times (Unix seconds), which may be wrong: the span's is better."""
    import pyarrow.parquet as pq

    columns = pq.read_table(path, columns=["time_ns", "service", "message"]).to_pydict()
    found = []
    for at, service, message in zip(*columns.values(), strict=True):
        told = _SPAN.search(message)
        found.append((Line(service, message, told.group(1) if told else ""), at / 1e9))
    return tuple(found)


def _coded(names: list[str]) -> tuple[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    kinds = tuple(sorted(set(names)))
    code = {name: i for i, name in enumerate(kinds)}
    return kinds, np.array([code[name] for name in names], dtype=np.int64)
