"""Folders laid out like the benchmark's: data/<category>/<file>.csv, and perhaps windows.json."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from chimera.detection.base import Floats
from chimera.domain import Misconfigured, NotFound

Window = tuple[int, int]


@dataclass(frozen=True, eq=False)
class SeriesFile:
    """One series as it lies on the disk; `windows` are rows, first and last, None if unlabelled."""

    name: str  # category/file.csv
    stamps: tuple[str, ...]  # as they are written
    times: tuple[datetime, ...]
    values: Floats
    windows: tuple[Window, ...] | None

    @property
    def category(self) -> str:
        return self.name.rpartition("/")[0]


def read(folder: Path) -> Iterator[SeriesFile]:
    """Every series below `folder`/data in the order of names. Raises NotFound, Misconfigured."""
    names = sorted(p.relative_to(folder / "data") for p in (folder / "data").glob("*/*.csv"))
    if not names:
        raise NotFound(f"{folder} holds no data/<category>/<file>.csv; name the folder above data")
    labels = folder / "windows.json"
    windows: dict[str, list[list[str]]] | None = None
    if labels.exists():
        try:
            windows = json.loads(labels.read_text())
        except ValueError as error:
            raise Misconfigured(
                f"{labels} is no JSON: {error}; correct it or take it away"
            ) from None
    for name in names:
        yield _series(folder / "data" / name, name.as_posix(), windows)


def _series(path: Path, name: str, windows: dict[str, list[list[str]]] | None) -> SeriesFile:
    stamps, times, values = [], [], []
    with path.open(newline="") as file:
        rows = csv.reader(file)
        header = [column.strip() for column in next(rows, [])]
        if header[:2] != ["timestamp", "value"]:
            raise Misconfigured(
                f"{path}, line 1: columns {','.join(header) or '(none)'} and not timestamp,value"
            )
        for row in rows:
            if not row:
                continue
            try:
                times.append(_time(row[0]))
                values.append(float(row[1]) if row[1].strip() else float("nan"))
            except (ValueError, IndexError) as error:
                raise Misconfigured(
                    f"{path}, line {rows.line_num}: {','.join(row)!r} is no time and number "
                    f"({error}); correct the line"
                ) from None
            stamps.append(row[0])
    labelled = None if windows is None else _rows(path, name, windows, times)
    return SeriesFile(name, tuple(stamps), tuple(times), np.array(values), labelled)


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text.strip())
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _rows(
    path: Path, name: str, windows: dict[str, list[list[str]]], times: list[datetime]
) -> tuple[Window, ...]:
    """The rows of each window: those whose time lies in it."""
    found: list[Window] = []
    for begin, end in windows.get(name, []):
        first, last = _time(begin), _time(end)
        inside = [row for row, time in enumerate(times) if first <= time <= last]
        if not inside:
            raise Misconfigured(f"windows.json: no row of {path} lies between {begin} and {end}")
        found.append((inside[0], inside[-1]))
    return tuple(found)
