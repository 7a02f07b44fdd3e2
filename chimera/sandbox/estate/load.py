"""The customers: an open loop with a daily shape, noise, and a mix of requests."""

from __future__ import annotations

import asyncio
import math
import random
import time
from typing import Any

from chimera.sandbox.estate.logs import TRACE, new_trace
from chimera.sandbox.estate.products import PRICES, SKUS, WEIGHTS
from chimera.sandbox.estate.replica import Trouble
from chimera.sandbox.estate.service import Service

MIX = {"browse": 0.42, "order": 0.30, "stock": 0.16, "sales": 0.12}
PEAK = 14.0  # requests a second at the busiest time of day
NIGHT = 0.55  # of the peak, at the quietest
AT_ONCE = 400  # more than this at once and new customers go elsewhere


def rate(at: float, day: float) -> float:
    """Requests a second at a moment: a day's curve, low at the turn of the day."""
    wave = 0.5 - 0.5 * math.cos(2 * math.pi * (at % day) / day)
    return PEAK * (NIGHT + (1 - NIGHT) * wave)


class Load(Service):
    passive = True

    async def open(self) -> None:
        self.random = random.Random(self.replica.wiring.seed)
        self.running: set[asyncio.Task[None]] = set()
        self.drift = 0.0
        self.sent = self.replica.meters.counter(
            "load_requests_total", "Requests as customers saw them", "operation", "result"
        )

    async def run(self) -> None:
        """One arrival process an operation: extra customers of one kind disturb no other."""
        await asyncio.gather(self.wander(), *(self.arrive(kind) for kind in MIX))

    async def wander(self) -> None:
        """Slow noise on top of the day's curve, a few per cent."""
        while True:
            self.drift = 0.9 * self.drift + self.random.gauss(0, 0.02)
            await asyncio.sleep(5)

    def wanted(self, kind: str) -> float:
        """Arrivals a second of one operation now."""
        extra = self.replica.wish.traffic
        base = rate(time.time(), self.replica.wiring.day_seconds) * MIX[kind]
        return base * (1 + self.drift) * extra.get("surge", 1.0) + extra.get(kind, 0.0)

    async def arrive(self, kind: str) -> None:
        due = time.monotonic()
        while True:
            due += self.random.expovariate(1.0) / max(0.05, self.wanted(kind))
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            due = max(due, time.monotonic() - 1.0)  # after a stall, do not catch up for long
            if len(self.running) < AT_ONCE:
                task = asyncio.create_task(self.send(kind))
                self.running.add(task)
                task.add_done_callback(self.running.discard)

    async def send(self, kind: str) -> None:
        TRACE.set(new_trace())
        try:
            body = self.basket() if kind == "order" else None
            await self.replica.call("storefront", f"/{kind}", body)
            self.sent.labels(operation=kind, result="ok").inc()
        except Trouble:
            self.sent.labels(operation=kind, result="error").inc()

    def basket(self) -> dict[str, Any]:
        sku = self.random.choices(SKUS, WEIGHTS)[0]
        quantity = self.random.randint(1, 4)
        price = PRICES[sku] * self.replica.wish.traffic.get("prices", 1.0)
        return {
            "sku": sku,
            "quantity": str(quantity),
            "amount": f"{price * quantity:.2f}",
            "customer": f"C{self.random.randint(1, 5000):05d}",
        }

    async def close(self) -> None:
        for task in list(self.running):
            task.cancel()


SERVICE = Load
