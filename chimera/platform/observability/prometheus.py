"""Reading Prometheus: queries, ranges, raw samples; what is partial is said."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import numpy as np
import numpy.typing as npt
import requests
from prometheus_api_client import PrometheusConnect
from urllib3.util import Retry

from chimera.domain import Refused, Unavailable
from chimera.platform.observability.exchange import exchanged

Floats = npt.NDArray[np.float64]
POINTS = 10_000  # a range query returns at most 11,000 a series
AT_ONCE = 6  # Prometheus runs 20 queries at once for everybody


@dataclass(frozen=True, eq=False, repr=False)  # asyncio shows results, and arrays are long
class RawSeries:
    """Samples as they were scraped: times in Unix seconds, ascending."""

    labels: Mapping[str, str]
    times: Floats
    values: Floats


@dataclass(frozen=True, eq=False)
class Answer:
    """What Prometheus answered, and whether it said that something is missing."""

    query: str
    series: tuple[RawSeries, ...]
    warnings: tuple[str, ...] = field(default=())

    @property
    def partial(self) -> bool:
        return bool(self.warnings)


class Prometheus:
    """An async reader on prometheus-api-client's session: timeouts always, retries bounded.

    Raises Unavailable when Prometheus does not answer or is overloaded, Refused when it rejects
    the query.
    """

    def __init__(
        self,
        url: str,
        *,
        public_url: str | None = None,  # where people's browsers find it; `url` if not given
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        retries: int = 1,
    ) -> None:
        self.url = url.rstrip("/")
        self._public_url = (public_url or url).rstrip("/")
        self._session = requests.Session()
        self._session.headers.update(headers or {})
        retry = Retry(
            total=retries,
            backoff_factor=0.2,
            status_forcelist=(502, 504),
            allowed_methods=("GET", "POST"),
            raise_on_status=False,
        )
        self._client = PrometheusConnect(url=self.url, session=self._session, retry=retry)
        self._timeout = (min(3.0, timeout), timeout)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def ready(self) -> bool:
        """Whether Prometheus says that it can answer queries."""
        try:
            response = await asyncio.to_thread(
                self._session.get, f"{self.url}/-/ready", timeout=self._timeout
            )
        except requests.RequestException:
            return False
        return response.status_code == 200

    async def instant(self, query: str, at: datetime | None = None) -> Answer:
        """The value of an expression now, or at a time: one sample a series."""
        asked = {"query": query} | ({} if at is None else {"time": f"{at.timestamp():.3f}"})
        return await self._ask("query", query, asked)

    async def range(self, query: str, start: datetime, end: datetime, step: timedelta) -> Answer:
        """An expression on a grid, both ends included; long ranges are read in pieces.

        Gaps shorter than the look-back are drawn flat: use `raw` to see missing samples.
        """
        pieces: list[Answer] = []
        at = start
        while at <= end:
            until = min(at + step * (POINTS - 1), end)
            asked = {
                "query": query,
                "start": f"{at.timestamp():.3f}",
                "end": f"{until.timestamp():.3f}",
                "step": f"{step.total_seconds():g}",
            }
            pieces.append(await self._ask("query_range", query, asked))
            at = until + step
        return _joined(query, pieces)

    async def raw(
        self, selector: str, start: datetime, end: datetime, *, piece: timedelta | None = None
    ) -> Answer:
        """Every stored sample of a selector with start < time <= end, gaps and all."""
        pieces: list[Answer] = []
        until = end
        while until > start:
            begin = max(until - piece, start) if piece else start
            window = max(round((until - begin).total_seconds() * 1000), 1)
            query = f"{selector}[{window}ms]"
            pieces.insert(0, await self.instant(query, until))
            until = begin
        return _joined(selector, pieces)

    def link(self, query: str, window: timedelta = timedelta(minutes=30)) -> str:
        """A page where a person sees the same query."""
        span = f"{max(int(window.total_seconds() // 60), 1)}m"
        asked = {"g0.expr": query, "g0.tab": "0", "g0.range_input": span}
        return f"{self._public_url}/graph?{urlencode(asked)}"

    async def _ask(self, endpoint: str, query: str, asked: dict[str, str]) -> Answer:
        async with self._slots:
            return await asyncio.to_thread(self._ask_now, endpoint, query, asked)

    def _ask_now(self, endpoint: str, query: str, asked: dict[str, str]) -> Answer:
        where = f"Prometheus at {self.url}"
        url = f"{self.url}/api/v1/{endpoint}"
        status, said = exchanged(
            lambda: self._session.post(url, data=asked, timeout=self._timeout),
            where,
            "answer a query",
        )
        if status in (400, 422) and "error" in said:
            raise Refused(
                f"Prometheus refused the query {query!r}: {said['error']}; correct the query"
            )
        if status in (401, 403):
            raise Refused(f"{where} answered {status}: give Chimera a token that may read it")
        if status != 200 or "data" not in said:
            why = f"HTTP {status} {str(said.get('error', ''))[:200]}".strip()
            raise Unavailable(where, "answer a query", why)
        return Answer(query, _series(said["data"]), tuple(said.get("warnings") or ()))


def _series(data: dict[str, Any]) -> tuple[RawSeries, ...]:
    kind, result = data.get("resultType"), data.get("result")
    if kind == "scalar" and result:
        return (_parsed({}, [result]),)
    found = []
    for entry in result or ():
        samples = entry.get("values") or ([entry["value"]] if "value" in entry else [])
        if samples:  # native histograms have neither
            found.append(_parsed(entry.get("metric", {}), samples))
    return tuple(found)


def _parsed(labels: dict[str, str], samples: list[Any]) -> RawSeries:
    count = len(samples)
    times = np.fromiter((s[0] for s in samples), dtype=np.float64, count=count)
    values = np.fromiter((float(s[1]) for s in samples), dtype=np.float64, count=count)
    return RawSeries(labels, times, values)


def _joined(query: str, pieces: list[Answer]) -> Answer:
    if len(pieces) == 1:
        return Answer(query, pieces[0].series, pieces[0].warnings)
    parts: dict[tuple[tuple[str, str], ...], list[RawSeries]] = {}
    for answer in pieces:
        for series in answer.series:
            parts.setdefault(tuple(sorted(series.labels.items())), []).append(series)
    joined = []
    for several in parts.values():
        times = np.concatenate([s.times for s in several])
        values = np.concatenate([s.values for s in several])
        fresh = np.concatenate([[True], np.diff(times) > 0]) if times.size else np.array([], bool)
        joined.append(RawSeries(several[0].labels, times[fresh], values[fresh]))
    warnings = tuple(dict.fromkeys(w for answer in pieces for w in answer.warnings))
    return Answer(query, tuple(joined), warnings)


_MATCHER = re.compile(r'^\s*[a-zA-Z_][a-zA-Z0-9_]*\s*(=~|!~|!=|=)\s*"')


def selector(metric: str, *matchers: str) -> str:
    """`metric{a="b",c=~"d"}` from matchers without braces; empty ones are left out."""
    wanted = [m.strip().strip(",") for m in matchers if m.strip()]
    for matcher in wanted:
        if not _MATCHER.match(matcher):
            raise Refused(f'{matcher!r} is no PromQL matcher; write it like code=~"5.."')
    return metric + ("{" + ",".join(wanted) + "}" if wanted else "")


def equals(label: str, value: str) -> str:
    """A matcher for exactly this value, quoted."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{label}="{escaped}"'
