"""What is looked at, as one block: a file's columns, or the series of a query's answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from chimera.cli.base.progress import Said
from chimera.detection.base import Block, SeriesKey
from chimera.domain import Misconfigured, NotFound, moment
from chimera.platform.files import even, read
from chimera.platform.observability import Prometheus, RawSeries
from chimera.platform.settings import Secret, find_config, load_settings


@dataclass(frozen=True, eq=False)
class Data:
    """What is looked at, and what there is to say of how it was read."""

    source: str
    block: Block
    notes: tuple[str, ...] = ()

    def name(self, row: int) -> str:
        return self.block.keys[row].signal


def from_file(
    path: Path, time: str | None, columns: tuple[str, ...], step: float | None, said: Said
) -> Data:
    """A file's columns. Raises NotFound, Misconfigured."""
    said(f"reading {path}", 0, 1)
    sheet = read(
        path, time=time, columns=columns,
        progress=lambda done, of: said(f"reading {path}", done, of),
    )  # fmt: skip
    grid = even(sheet, step)
    notes = (*sheet.notes, *([grid.note] if grid.note else []))
    keys = tuple(SeriesKey(name, path.name) for name in sheet.names)
    block = Block(keys, moment(grid.start), timedelta(seconds=grid.step), grid.values)
    if empty := [
        n for n, line in zip(sheet.names, grid.values, strict=True) if not np.isfinite(line).any()
    ]:
        notes = (*notes, f"without a single number: {', '.join(empty)}")
    return Data(str(path), block, notes)


def from_prometheus(
    query: str, url: str | None, token: str | None, since: float, step: float, said: Said
) -> Data:
    """The series of a query's answer. Raises Unavailable, Refused, NotFound, Misconfigured."""
    if url is None and find_config().exists():
        settings = load_settings().prometheus
        url, token = settings.url, token or settings.token
    if url is None:
        raise Misconfigured("--query needs to know whom to ask: give --prometheus URL")
    try:
        bearer = Secret.parse(token).reveal() if token else None
    except ValueError as error:
        raise Misconfigured(f"--token: {error}") from error
    reader = Prometheus(
        url, headers={"Authorization": f"Bearer {bearer}"} if bearer else None, timeout=60.0
    )
    end = moment(datetime.now(UTC).timestamp() // step * step)
    start = end - timedelta(seconds=since // step * step)
    said(f"asking {url}", 0, 0)
    answer = asyncio.run(reader.range(query, start, end, timedelta(seconds=step)))
    if not answer.series:
        raise NotFound(
            f"the query {query!r} has no series in the last {since:g} s; correct it or give --since"
        )
    points = round((end - start).total_seconds() / step) + 1
    values = np.full((len(answer.series), points), np.nan)
    for row, series in enumerate(answer.series):
        at = np.round((series.times - start.timestamp()) / step).astype(np.intp)
        values[row, at] = series.values
    values[~np.isfinite(values)] = np.nan
    keys = tuple(SeriesKey(_name(s, query), "", query=query) for s in answer.series)
    block = Block(keys, start, timedelta(seconds=step), values)
    return Data(query, block, answer.warnings)


def _name(series: RawSeries, query: str) -> str:
    labels = dict(series.labels)
    name = labels.pop("__name__", "")
    inner = ", ".join(f'{k}="{v}"' for k, v in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name or query
