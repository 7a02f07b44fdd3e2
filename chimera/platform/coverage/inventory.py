"""What a Prometheus says of itself: names, types, labels, and how often its targets are scraped."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import numpy as np

from chimera.domain import Refused, Unavailable
from chimera.platform.coverage.conventions import Type
from chimera.platform.coverage.naming import one_of
from chimera.platform.observability.prometheus import Prometheus

SCRAPES = timedelta(minutes=10)  # of `up`, from which scrape intervals are read
COVERED = 0.75  # of the targets are scraped at least as often as the step
BATCH = 40  # names counted by one query
PARTS = ("_bucket", "_count", "_sum", "_created")


@dataclass(frozen=True)
class Family:
    """One metric as its exporter means it: a histogram's three names are one."""

    name: str
    type: Type
    unit: str = ""
    help: str = ""
    series: int = 0  # of the name that is counted: `_count` of a histogram
    buckets: int = 0  # series of `_bucket`

    @property
    def counted(self) -> str:
        return f"{self.name}_count" if self.type in ("histogram", "summary") else self.name


@dataclass(frozen=True)
class Inventory:
    """Everything that was found, before anything is proposed."""

    families: Mapping[str, Family]
    step: timedelta
    slow: Mapping[str, float] = field(default_factory=dict)  # job: scrape interval above the step
    targets: int = 0
    notes: tuple[str, ...] = ()


class Survey:
    """Asks Prometheus' HTTP API what there is. Reads only.

    What a server that only resembles Prometheus does not offer (metadata) is noted and done without.
    Raises Unavailable, Refused.
    """

    def __init__(self, prometheus: Prometheus, token: str | None = None) -> None:
        self.prometheus = prometheus
        self._http = httpx.AsyncClient(
            base_url=prometheus.url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=30.0,
            trust_env=httpx.URL(prometheus.url).host not in ("127.0.0.1", "localhost", "::1"),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def take(self, now: datetime, step: timedelta | None = None) -> Inventory:
        """The whole inventory; `step` None: the shortest that three targets in four are scraped at."""
        notes: list[str] = []
        names = await self._ask("label/__name__/values", start=now - timedelta(hours=1), end=now)
        said = await self._ask("metadata", optional=True)
        if said is None:
            notes.append("the server gives no metadata: types are read from the names alone")
        counts = await self._counts([n for n in names or () if not n.endswith("_created")], now)
        intervals = await self._intervals(now)
        chosen = step or _step([s for several in intervals.values() for s in several])
        slow = {
            job: max(several)
            for job, several in sorted(intervals.items())
            if several and float(np.median(several)) > chosen.total_seconds() * 1.2
        }
        families = {f.name: f for f in families_of(counts, said or {})}
        return Inventory(families, chosen, slow, sum(map(len, intervals.values())), tuple(notes))

    async def _counts(self, names: Sequence[str], now: datetime) -> dict[str, int]:
        found: dict[str, int] = {}
        for at in range(0, len(names), BATCH):
            some = one_of("__name__", names[at : at + BATCH])
            query = f"count by (__name__) ({{{some}}})"
            for series in (await self.prometheus.instant(query, now)).series:
                found[series.labels.get("__name__", "")] = int(series.values[-1])
        return found

    async def _intervals(self, now: datetime) -> dict[str, list[float]]:
        """Seconds between scrapes of every target, by job."""
        found: dict[str, list[float]] = defaultdict(list)
        for up in (await self.prometheus.raw("up", now - SCRAPES, now)).series:
            if up.times.size >= 3:
                gap = float(np.median(np.diff(up.times)))
                found[up.labels.get("job", "")].append(gap)
        return found

    async def _ask(self, path: str, *, optional: bool = False, **asked: Any) -> Any:
        where = f"Prometheus at {self.prometheus.url}"
        asked = {k: v.timestamp() if isinstance(v, datetime) else v for k, v in asked.items()}
        try:
            reply = await self._http.get(f"/api/v1/{path}", params=asked)
            body = reply.json()
        except httpx.HTTPError as error:
            why = f"{type(error).__name__}; check that it runs and that the address is right"
            raise Unavailable(where, f"tell its {path}", why) from error
        except ValueError as error:
            if optional:
                return None
            raise Refused(
                f"{where} answered {reply.status_code} without JSON to /api/v1/{path}; give the "
                "address of Prometheus' HTTP API, with its path prefix if it has one"
            ) from error
        if reply.status_code in (401, 403):
            raise Refused(f"{where} answered {reply.status_code}; give a token that may read it")
        if reply.status_code != 200 or not isinstance(body, dict) or "data" not in body:
            if optional:
                return None
            raise Unavailable(where, f"tell its {path}", f"HTTP {reply.status_code}")
        return body["data"]


def families_of(
    counts: Mapping[str, int], metadata: Mapping[str, Sequence[Mapping[str, str]]]
) -> Iterable[Family]:
    """Names joined to families; the type from metadata, else from the name."""
    for name, series in sorted(counts.items()):
        base = next((name.removesuffix(p) for p in PARTS if name.endswith(p)), name)
        histogram = f"{base}_count" in counts and f"{base}_sum" in counts
        if base != name and histogram:
            if name.endswith("_count"):
                buckets = counts.get(f"{base}_bucket", 0)
                yield _family(
                    base, "histogram" if buckets else "summary", metadata, series, buckets
                )
            continue
        if histogram:  # the quantiles of a summary, beside its sum and count
            continue
        said = _said(metadata, name).get("type", "")
        counter = said == "counter" or (said != "gauge" and name.endswith("_total"))
        yield _family(name, "counter" if counter else "gauge", metadata, series)


def _family(
    name: str, kind: Type, metadata: Mapping[str, Any], series: int, buckets: int = 0
) -> Family:
    said = _said(metadata, name)
    return Family(name, kind, said.get("unit", ""), said.get("help", ""), series, buckets)


def _said(metadata: Mapping[str, Any], name: str) -> Mapping[str, str]:
    # OpenMetrics names a counter without its `_total`.
    several = metadata.get(name) or metadata.get(name.removesuffix("_total")) or [{}]
    return several[0] if isinstance(several[0], dict) else {}


def _step(intervals: Sequence[float]) -> timedelta:
    """The shortest interval in use that covers nearly all targets; 15 s if nobody knows."""
    whole = Counter(max(round(s), 1) for s in intervals)
    covered = 0
    for seconds, count in sorted(whole.items()):
        covered += count
        if covered >= COVERED * len(intervals):
            return timedelta(seconds=seconds)
    return timedelta(seconds=15)
