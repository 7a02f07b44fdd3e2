"""What Prometheus knows by name: metrics, their labels, the labels' values; and its own parser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import requests

from chimera.domain import Refused, Unavailable

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
        try:
            reply = requests.post(
                f"{self.url}/api/v1/{endpoint}",
                data=asked,
                headers=self._headers,
                timeout=self._timeout,
            ) if endpoint in ("series", "format_query") else requests.get(
                f"{self.url}/api/v1/{endpoint}",
                params=asked,
                headers=self._headers,
                timeout=self._timeout,
            )  # fmt: skip
        except requests.RequestException as error:
            why = f"{type(error).__name__}; check that it runs and that the address is right"
            raise Unavailable(where, "tell its names", why) from error
        try:
            said: Any = orjson.loads(reply.content)
        except orjson.JSONDecodeError:
            said = {}
        if reply.status_code in (400, 422) and isinstance(said, dict) and "error" in said:
            raise Refused(f"Prometheus does not parse the query: {said['error']}")
        if reply.status_code != 200 or not isinstance(said, dict) or "data" not in said:
            raise Unavailable(where, "tell its names", f"HTTP {reply.status_code}")
        return said["data"]
