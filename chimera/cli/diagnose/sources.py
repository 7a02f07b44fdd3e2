"""What is diagnosed: a case as files, or one CSV that is cut at its onset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from chimera.bench.rootcause import files
from chimera.bench.rootcause.cases import cases, metrics_of
from chimera.bench.rootcause.onset import after_
from chimera.diagnosis.engine import Engine, Ranking
from chimera.diagnosis.observed import Calls, Observed, Spans, Target
from chimera.domain import Misconfigured
from chimera.platform.traces import read_spans


@dataclass(frozen=True, eq=False)
class Case:
    """What was seen and how it was ranked. `step` is in seconds."""

    name: str
    seen: Observed
    ranking: Ranking
    onset: datetime
    step: float


def of_folder(path: Path) -> Case:
    """A folder with one case.json. Raises Misconfigured."""
    found = list(cases(path))
    if len(found) != 1:
        raise Misconfigured(f"{path} holds {len(found)} cases; give the folder of one")
    case = found[0]
    seen = case.observe()
    onset = float(case.about["inject_time"])
    step = float(case.about.get("interval_s") or 60.0)
    return Case(case.key, seen, Engine().rank(seen), moment(str(onset)), step)


def of_file(
    path: Path, onset: str | None, target: str | None, graph: Path | None, traces: Path | None
) -> Case:
    """A CSV with a column `time` (Unix seconds). Raises Misconfigured."""
    if onset is None:
        raise Misconfigured(f"{path} does not tell since when it is abnormal; give --onset TIME")
    at = moment(onset)
    table = files.table(path.resolve())
    since = table.times >= at.timestamp()
    if since.all() or not since.any():
        raise Misconfigured(f"{path} has no samples {'before' if since.all() else 'since'} {onset}")
    before, now = (
        files.Table(table.columns, table.times[k], table.values[k]) for k in (~since, since)
    )
    service, _, metric = (target or "").partition(":")
    seen = Observed(
        metrics_of(before, now),
        Calls(files.edges(graph), "given") if graph else Calls(),
        Target(service, metric) if service else None,
    )
    if not seen.metrics.services:
        raise Misconfigured(f"{path} has no column called <service>__<metric>")
    if traces:
        spans = read_spans(traces)
        seen = replace(
            seen,
            spans_before=_before(spans, at.timestamp()),
            spans_since=after_(spans, at.timestamp()),
        )
    steps = np.diff(table.times)
    step = float(np.median(steps)) if len(steps) else 60.0
    return Case(path.name, seen, Engine().rank(seen), at, step)


def _before(spans: Spans, onset: float) -> Spans:
    """The spans that began before: those after the onset of a clock that runs backwards."""
    turned = replace(spans, started=-spans.started)
    found = after_(turned, float(np.nextafter(-onset, np.inf)))
    return replace(found, started=-found.started)


def moment(text: str) -> datetime:
    """Unix seconds or ISO 8601; without a zone it is UTC. Raises Misconfigured."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Misconfigured(f"{text!r} is no time; give Unix seconds or ISO 8601") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
