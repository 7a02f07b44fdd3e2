"""What Prometheus knows by name: metrics, their labels, the labels' values; and its own parser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import requests

from chimera.domain import Refused, Unavailable
from chimera.platform.observability.exchange import exchanged

LOOKED_BACK = timedelta(hours=6)  # what has gone longer is no name to ask for any more
MOST = 10_000  # series of one metric that are looked at


class MetricNames:
    """Asks Prometheus for the names that a query may use.

    Raises Unavailable when it does not answer, Refused when it does not parse a query.
    """

    def __init__(
        self, url: str, *, headers: Mapping[str, str] | None = None, timeout: float = 10.0
    ) -> None:
        self.url = url.rstrip("/")
        self._headers = dict(headers or {})
        self._timeout = (min(3.0, timeout), timeout)

    async def names(self, at: datetime) -> tuple[str, ...]:
        """Every metric that had samples lately."""
        said = await self._get("label/__name__/values", self._around(at))
        return tuple(str(name) for name in said)

    async def labels(self, metric: str, at: datetime) -> dict[str, frozenset[str]]:
        """The labels of a metric and their values."""
        asked = {"match[]": metric, "limit": str(MOST), **self._around(at)}
        found: dict[str, set[str]] = {}
        for series in await self._get("series", asked):
            for label, value in series.items():
                if label != "__name__":
                    found.setdefault(label, set()).add(value)
        return {label: frozenset(values) for label, values in found.items()}

    async def formatted(self, query: str) -> str:
        """The query as Prometheus' own parser writes it. Raises Refused for what does not parse."""
        return str(await self._get("format_query", {"query": query}))

    def _around(self, at: datetime) -> dict[str, str]:
        start = (at - LOOKED_BACK).timestamp()
        return {"start": f"{start:.0f}", "end": f"{at.timestamp() + 1:.0f}"}

    async def _get(self, endpoint: str, asked: dict[str, str]) -> Any:
        return await asyncio.to_thread(self._get_now, endpoint, asked)

    def _get_now(self, endpoint: str, asked: dict[str, str]) -> Any:
        where = f"Prometheus at {self.url}"
        url = f"{self.url}/api/v1/{endpoint}"
        given: dict[str, Any] = {"headers": self._headers, "timeout": self._timeout}

        def send() -> requests.Response:
            if endpoint in ("series", "format_query"):
                return requests.post(url, data=asked, **given)
            return requests.get(url, params=asked, **given)

        status, said = exchanged(send, where, "tell its names")
        if status in (400, 422) and "error" in said:
            raise Refused(f"Prometheus does not parse the query: {said['error']}")
        if status != 200 or "data" not in said:
            raise Unavailable(where, "tell its names", f"HTTP {status}")
        return said["data"]
