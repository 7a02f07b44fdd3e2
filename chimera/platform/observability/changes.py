"""What was changed lately, read from Prometheus' info metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from chimera.domain import Change, moment
from chimera.platform.observability.prometheus import Answer, Prometheus, equals, selector
from chimera.platform.settings import InfoMetric, Settings

BEFORE = timedelta(minutes=10)  # looked at before `since`, to know what was there
SAME = timedelta(minutes=3)  # replicas that follow within this belong to one change
RAW_LIMIT = timedelta(hours=2)  # longer windows are read on a grid


class _Run(NamedTuple):
    """A stretch in which one instance showed one value."""

    began: float
    ended: float
    instance: str
    value: str


class Changes:
    """Derives releases, configuration and schema changes from what processes say of themselves."""

    def __init__(
        self,
        prometheus: Prometheus,
        metrics: Sequence[InfoMetric] = Settings().changes,
        *,
        service_label: str = "service",  # of metrics that do not say it themselves
        step: timedelta = timedelta(seconds=5),
    ) -> None:
        self._prometheus = prometheus
        self._metrics = tuple(metrics)
        self._service_label = service_label
        self._step = step

    async def changes(
        self, since: datetime, until: datetime, service: str | None = None
    ) -> list[Change]:
        """Changes with since <= at <= until, oldest first. Raises Unavailable, Refused."""
        found: list[Change] = []
        for metric in self._metrics:
            answer = await self._read(metric, since - BEFORE, until, service)
            found += self._derived(metric, answer)
        kept = [c for c in found if since <= c.at <= until]
        return sorted(kept, key=lambda c: (c.at, c.service, c.what))

    async def _read(
        self, metric: InfoMetric, start: datetime, end: datetime, service: str | None
    ) -> Answer:
        narrow = equals(self._label(metric), service) if service else ""
        chosen = selector(metric.metric, narrow)
        if end - start <= RAW_LIMIT:
            return await self._prometheus.raw(chosen, start, end)
        step = max(self._step, (end - start) / 2000)
        return await self._prometheus.range(chosen, start, end, step)

    def _label(self, metric: InfoMetric) -> str:
        return metric.service_label or self._service_label

    def _derived(self, metric: InfoMetric, answer: Answer) -> list[Change]:
        runs: dict[tuple[str, str], list[_Run]] = defaultdict(list)
        for series in answer.series:
            service = series.labels.get(self._label(metric), "")
            if not service or not series.times.size:
                continue
            what = series.labels.get(metric.key_label, "") if metric.key_label else service
            run = _Run(
                float(series.times[0]),
                float(series.times[-1]),
                series.labels.get("instance", ""),
                series.labels.get(metric.label, ""),
            )
            runs[service, what].append(run)
            runs[service, what] += _returns(run, series.times.tolist(), self._step)
        return [
            change
            for (service, what), several in runs.items()
            for change in _changes(metric, service, what, several)
        ]


def _returns(run: _Run, times: list[float], step: timedelta) -> list[_Run]:
    """A value that was away for a while and came back (a roll-back) begins again."""
    if len(times) < 3:
        return []
    away = 2.5 * max(step.total_seconds(), median(b - a for a, b in pairwise(times)))
    again = [b for a, b in pairwise(times) if b - a > away]
    return [run._replace(began=at) for at in again]


def _changes(metric: InfoMetric, service: str, what: str, runs: list[_Run]) -> list[Change]:
    """One change for each value that follows another; a restart or one more replica is none."""
    found: list[Change] = []
    made: dict[int, set[str]] = {}  # which instances have made a change, by its place in `found`
    ordered = sorted(runs, key=lambda r: r.began)
    first = ordered[0].began
    shown: dict[str, str] = {}  # what each instance showed last
    newest = ordered[0].value  # what anybody showed last
    for run in ordered:
        before = shown.get(run.instance, newest)
        shown[run.instance] = newest = run.value
        if run.began == first or before == run.value:
            continue
        at = moment(run.began)
        followed = next(
            (
                place
                for place, c in enumerate(found)
                if c.before == before
                and c.after == run.value
                and at - c.at <= SAME
                # The same instance doing it again, after it went back, is a change of its own.
                and run.instance not in made[place]
            ),
            None,
        )
        if followed is not None:
            made[followed].add(run.instance)
            continue
        made[len(found)] = {run.instance}
        found.append(
            Change(
                at=at, service=service, kind=metric.kind, what=what, before=before, after=run.value
            )
        )
    return found
