"""Cases on disk: `<system>/<case>/case.json` and what it names. Labels are read by the scorer only."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from chimera.bench.rootcause import files
from chimera.bench.rootcause.onset import after_, cut, parted
from chimera.diagnosis.observed import Calls, Floats, Line, Metrics, Observed, Spans, Target
from chimera.domain import Misconfigured, NotFound

FILES = ("normal", "abnormal", "graph", "traces", "logs", "normal_traces", "normal_logs")


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
        for change in (self.about.get("changes") or ()) if self.window is None else ():
            before, service = onset - float(change["time"]), str(change["service"])
            if before >= 0 and before < found.get(service, (float("inf"), ""))[0]:
                found[service] = (before, str(change["what"]))
        return found

    def _tables(self) -> tuple[files.Table, files.Table]:
        usual = files.table(self.path(self.about["normal"]))
        if self.window is None:
            told = files.table(self.path(self.about.get("abnormal", "abnormal.csv")))
            return parted(usual, told, float(self.about["inject_time"]))
        first, last = self.window
        rest = np.ones(len(usual.times), dtype=bool)
        rest[first:last] = False
        return cut(usual, rest), cut(usual, ~rest)

    def path(self, name: str) -> Path:
        """A file that the case names. Raises Misconfigured for one outside the case's system.

        Cases of a system share what is usual there, as `../normal.csv`; further out nothing is read.
        """
        inside = Path(os.path.normpath(name))
        if inside.is_absolute() or inside.parts[:2] == ("..", ".."):
            raise Misconfigured(
                f"{self.folder / 'case.json'} names {name!r}, which is outside its system; name a file "
                "in the case's folder, or in the one above it (`../normal.csv`)"
            )
        return (self.folder / name).resolve()

    def _spans(self, key: str) -> Spans:
        return files.spans(self.path(self.about[key]))

    def _lines(self, key: str) -> tuple[tuple[Line, float], ...]:
        return files.lines(self.path(self.about[key])) if self.about.get(key) else ()


def cases(folder: Path) -> Iterator[Case]:
    """Every case under a folder of systems, or of one system. Raises NotFound, Misconfigured."""
    if not folder.exists():
        raise NotFound(f"there is no folder {folder}; give one of <system>/<case>/case.json")
    found = sorted(folder.glob("*/*/case.json")) or sorted(folder.glob("*/case.json"))
    if not found and (folder / "case.json").is_file():
        found = [folder / "case.json"]
    if not found:
        raise Misconfigured(f"{folder} holds no <system>/<case>/case.json; give such a folder")
    for path in found:
        whole = path.absolute().parent
        yield Case(whole.parent.name, whole.name, path.parent, described(path))


def described(path: Path) -> dict[str, Any]:
    """What a case.json says. Raises Misconfigured for what the engine could not work with."""

    def no(why: str) -> Misconfigured:
        return Misconfigured(f"{path} is no description of a case: {why}; see docs/diagnosis.md")

    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise no(f"it cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise no("it is no JSON in UTF-8") from error
    if not isinstance(about, dict):
        raise no("it is no object")
    if missing := [name for name in ("inject_time", "normal") if name not in about]:
        raise no(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    for name in ("inject_time", "interval_s"):
        if name in about and not is_finite(about[name]):
            raise no(f"{name} is no number of seconds")
    for name in FILES:
        if about.get(name) is not None and not isinstance(about[name], str):
            raise no(f"{name} is no file's name")
    if not isinstance(about.get("target") or {}, dict):
        raise no("target is no object of service and metric")
    changes = about.get("changes") or ()
    if not all(isinstance(c, dict) and {"service", "time", "what"} <= c.keys() for c in changes):
        raise no("changes is no list of {service, time, what}")
    if not all(is_finite(c["time"]) for c in changes):
        raise no("the time of a change is no number of seconds")
    return about


def is_finite(value: Any) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


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
