"""One process of the estate: its wishes, metrics, log, disk, and how it works and calls others."""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
from dataclasses import dataclass
from typing import Any

import aiohttp

from chimera.sandbox.estate.ailments import Ailments
from chimera.sandbox.estate.desired import Desired, Wiring, wish_file
from chimera.sandbox.estate.logs import TRACE, JsonLog
from chimera.sandbox.estate.meters import Meters
from chimera.sandbox.estate.quota import Quota
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.estate.workers import Workers


class Trouble(Exception):
    """A request cannot be answered; carries the status and what the log says."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Place:
    """Which process this is."""

    service: str
    number: int
    generation: int

    @property
    def instance(self) -> str:
        return f"{self.service}-{self.number}"


class Replica:
    """Everything a service's own code needs of its surroundings."""

    def __init__(self, place: Place, wiring: Wiring) -> None:
        self.place, self.wiring = place, wiring
        self.spec = SERVICES[place.service]
        self.meters = Meters()
        self.log = JsonLog(wiring.home / "logs" / f"{place.instance}.log", place.service)
        self.quota = Quota(wiring.home / "data" / place.instance, self.log, self.spec.disk_limit)
        self.meters.disk_limit.set(self.spec.disk_limit)
        self.meters.disk_used.set_function(lambda: self.quota.used)
        self.workers = Workers(self.spec.workers or 1, self.spec.queue, self.meters)
        self.random = random.Random(f"{wiring.seed}/{place.instance}/{place.generation}")
        self.ailments = Ailments(self.log, self.quota, self.spec.memory_growth, self.random)
        self.wish = Desired(service=place.service, release="")
        self.http: aiohttp.ClientSession | None = None
        self.auth_failures = (
            self.meters.counter(
                "upstream_auth_failures_total", "Refused sign-ins to an upstream", "upstream"
            )
            if self.spec.signs_in_to
            else None
        )
        if self.auth_failures:
            self.auth_failures.labels(upstream=self.spec.signs_in_to)
        self.read_wish()

    def read_wish(self) -> None:
        """Take over what the controller wants now; a settings change needs no restart."""
        text = wish_file(self.wiring.home, self.place.service).read_text()
        wish = Desired.model_validate_json(text)
        for key in wish.configuration:
            before = self.wish.configuration.get(key)
            if before is not None and before != wish.configuration[key]:
                self.log.info(f"setting {key} is now {wish.configuration[key]} (was {before})")
        release = self.wish.release or wish.release  # a running process keeps its own release
        behaviours = self.wish.behaviours if self.wish.release else wish.behaviours
        self.wish = wish.model_copy(update={"release": release, "behaviours": behaviours})
        self.meters.show_settings(release, wish.configuration)
        self.ailments.keep(wish.lasting)

    def setting(self, key: str, default: float) -> float:
        """A number from the configuration; one that is no number counts as the default."""
        try:
            return float(self.wish.configuration[key])
        except (KeyError, ValueError):
            return default

    def behaviour(self, key: str) -> float:
        return float(self.wish.behaviours.get(key, "0"))

    async def work(self) -> None:
        """One piece of the service's own work. Raises Trouble, QueueFull."""
        async with self.workers.slot():
            seconds = self.drawn(self.spec.work_ms)
            limit = self.setting("work_timeout_ms", 2000.0)
            try:
                async with asyncio.timeout(limit / 1000.0):
                    await asyncio.sleep(seconds)
            except TimeoutError:
                raise Trouble(
                    500, f"deadline exceeded: work took over {limit:.0f} ms (work_timeout_ms)"
                ) from None
            hashlib.sha256(b"panther" * 2000).hexdigest()
        await self.ailments.stall()
        if self.random.random() < self.behaviour("extra_share"):
            # The slow path of some releases: look-ups one after the other instead of at once.
            for _ in range(3):
                await asyncio.sleep(self.drawn(self.behaviour("extra_ms") / 3.0))

    def drawn(self, median_ms: float) -> float:
        """A lognormal time with this median, in seconds."""
        if median_ms <= 0:
            return 0.0
        return self.random.lognormvariate(math.log(median_ms), self.spec.spread) / 1000.0

    async def call(
        self, service: str, path: str, body: dict[str, Any] | None = None, signed: bool = False
    ) -> Any:
        """Ask another service over a fresh connection. Raises Trouble with what went wrong."""
        if self.http is None:
            # No keep-alive: the kernel spreads new connections over all replicas.
            self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        return await self.call_over(self.http, service, path, body, signed)

    async def call_over(
        self,
        http: aiohttp.ClientSession,
        service: str,
        path: str,
        body: dict[str, Any] | None,
        signed: bool,
    ) -> Any:
        headers = {"x-trace-id": TRACE.get()}
        if signed:
            headers["authorization"] = f"Bearer {self.wish.credential}"
        limit = self.setting("upstream_timeout_ms", 4000.0)
        try:
            async with http.request(
                "GET" if body is None else "POST",
                self.wiring.url(service) + path,
                json=body,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=limit / 1000.0),
            ) as answer:
                said = await answer.json(content_type=None)
                if answer.status < 400:
                    return said
                if answer.status == 401 and self.auth_failures:
                    self.auth_failures.labels(upstream=service).inc()
                    raise Trouble(502, f"{service} refused our credential (401 Unauthorized)")
                raise Trouble(502, f"{service}{path.split('?')[0]} answered {answer.status}")
        except TimeoutError:
            raise Trouble(504, f"{service} did not answer within {limit:.0f} ms") from None
        except (aiohttp.ClientError, ValueError) as error:
            raise Trouble(502, f"{service} cannot be reached ({type(error).__name__})") from None

    async def close(self) -> None:
        await self.ailments.close()
        if self.http is not None:
            await self.http.close()
