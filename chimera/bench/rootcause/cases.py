"""Cases on disk: `<system>/<case>/case.json` and what it names. Labels are read by the scorer only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from chimera.bench.rootcause import files
from chimera.diagnosis.observed import Calls, Floats, Line, Metrics, Observed, Spans, Target
from chimera.domain import Misconfigured


@dataclass(frozen=True)
class Case:
    """One case as files. `window` cuts a stretch of the normal data in place of the fault."""

    system: str
    name: str
    folder: Path
    about: dict[str, Any]
    window: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        return f"{self.system}/{self.name}"

    @property
    def traced(self) -> bool:
        return bool(self.about.get("traces")) and self.window is None

    def observe(self, metrics_only: bool = False) -> Observed:
        """Everything the case holds; with `metrics_only`, its metrics and graph."""
        before, since = self._tables()
        about = self.about
        calls = Calls()
        if graph := about.get("graph"):
            calls = Calls(files.edges(self.path(graph)), "given")
        aim = about.get("target") or {}
        target = Target(aim["service"], aim.get("metric", "")) if aim.get("service") else None
        seen = Observed(metrics_of(before, since), calls, target, changes=self._changes())
        if metrics_only or not self.traced:
            return seen
        onset = float(about["inject_time"])
        usual, now = self._spans("normal_traces"), self._spans("traces")
        after = after_(now, onset)
        lines_before, lines_since = self._lines("normal_logs"), self._lines("logs")
        ids = set(after.ids)
        known = set(now.ids)
        return replace(
            seen,
            spans_before=usual,
            spans_since=after,
            lines_before=tuple(line for line, _ in lines_before),
            lines_since=tuple(
                line
                for line, at in lines_since
                if (line.span in ids if line.span in known else at >= onset)
            ),
        )

    def _changes(self) -> dict[str, tuple[float, str]]:
        """`changes`: a list of {service, time, what}; of each service the last before the onset."""
        onset, found = float(self.about["inject_time"]), dict[str, tuple[float, str]]()
        for change in self.about.get("changes", ()) if self.window is None else ():
            before, service = onset - float(change["time"]), str(change["service"])
            if before >= 0 and before < found.get(service, (float("inf"), ""))[0]:
                found[service] = (before, str(change["what"]))
        return found

    def _tables(self) -> tuple[files.Table, files.Table]:
        usual = files.table(self.path(self.about["normal"]))
        if self.window is None:
            return usual, files.table(self.path(self.about.get("abnormal", "abnormal.csv")))
        first, last = self.window
        rest = np.ones(len(usual.times), dtype=bool)
        rest[first:last] = False
        return _cut(usual, rest), _cut(usual, ~rest)

    def path(self, name: str) -> Path:
        return (self.folder / name).resolve()

    def _spans(self, key: str) -> Spans:
        return files.spans(self.path(self.about[key]))

    def _lines(self, key: str) -> tuple[tuple[Line, float], ...]:
        return files.lines(self.path(self.about[key])) if self.about.get(key) else ()


def cases(folder: Path) -> Iterator[Case]:
    """Every case under a folder of systems, or of one system. Raises Misconfigured if none is."""
    found = sorted(folder.glob("*/*/case.json")) or sorted(folder.glob("*/case.json"))
    if not found and (folder / "case.json").is_file():
        found = [folder / "case.json"]
    if not found:
        raise Misconfigured(f"{folder} holds no <system>/<case>/case.json; give such a folder")
    for path in found:
        try:
            about = json.loads(path.read_text())
            about["inject_time"], about["normal"]
        except (OSError, ValueError, KeyError) as error:
            raise Misconfigured(f"{path} is no description of a case: {error}") from error
        yield Case(path.parent.parent.name, path.parent.name, path.parent, about)


def metrics_of(before: files.Table, since: files.Table) -> Metrics:
    """Columns `<service>__<metric>` of both; a column that one lacks is missing there."""
    columns = sorted({*before.columns, *since.columns})
    columns = [c for c in columns if "__" in c and not c.startswith("__")]
    named = [column.split("__", 1) for column in columns]
    return Metrics(
        tuple(service for service, _ in named),
        tuple(metric for _, metric in named),
        _rows(before, columns),
        _rows(since, columns),
    )


def _rows(table: files.Table, columns: list[str]) -> Floats:
    at = {name: i for i, name in enumerate(table.columns)}
    found = np.full((len(columns), len(table.times)), np.nan)
    for row, name in enumerate(columns):
        if name in at:
            found[row] = table.values[:, at[name]]
    return found


def _cut(table: files.Table, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> files.Table:
    return files.Table(table.columns, table.times[keep], table.values[keep])


def after_(spans: Spans, onset: float) -> Spans:
    """The spans that started since the onset."""
    keep = np.flatnonzero(spans.started >= onset)
    place = np.full(len(spans), -1)
    place[keep] = np.arange(len(keep))
    parent = spans.parent[keep]
    return replace(
        spans,
        ids=tuple(spans.ids[i] for i in keep),
        parent=np.where(parent >= 0, place[parent], -1),
        service=spans.service[keep],
        operation=spans.operation[keep],
        started=spans.started[keep],
        lasted=spans.lasted[keep],
    )
