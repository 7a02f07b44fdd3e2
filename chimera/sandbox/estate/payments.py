"""Charges cards through the bank, which knows us by a credential."""

from __future__ import annotations

from typing import Any

import aiohttp
from aiohttp import web

from chimera.sandbox.estate.pool import Pool
from chimera.sandbox.estate.service import Route, Service


class Payments(Service):
    """A pool of connections to the bank, kept alive, one request on each at a time."""

    async def open(self) -> None:
        async def connect() -> aiohttp.ClientSession:
            return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))

        async def hang_up(session: aiohttp.ClientSession) -> None:
            await session.close()

        self.pool = self.lines = Pool(self.replica.spec.pool, connect, hang_up, self.replica.meters)

    def routes(self) -> list[Route]:
        return [("POST", "/charges", self.charge)]

    async def charge(self, request: web.Request) -> Any:
        asked = await request.json()
        await self.replica.work()
        wait = self.replica.setting("pool_timeout_ms", 1500.0) / 1000.0
        async with self.lines.connection(wait) as line:
            return await self.replica.call_over(
                line,
                "bank",
                "/transfers",
                {
                    "amount": asked["amount"],
                    "currency": self.replica.wish.configuration["currency"],
                },
                signed=True,
            )

    async def close(self) -> None:
        await self.lines.recycle()


SERVICE = Payments
