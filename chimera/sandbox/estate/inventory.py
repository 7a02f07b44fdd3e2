"""Stock: kept in a small SQLite file behind a bounded pool of connections."""

from __future__ import annotations

from typing import Any

import aiosqlite
from aiohttp import web

from chimera.sandbox.estate.pool import Pool
from chimera.sandbox.estate.products import SKUS
from chimera.sandbox.estate.service import Route, Service


class Inventory(Service):
    async def open(self) -> None:
        path = self.replica.quota.folder / "stock.db"

        async def connect() -> aiosqlite.Connection:
            opened = await aiosqlite.connect(path, isolation_level=None, timeout=5)
            await opened.execute("PRAGMA synchronous=OFF")
            return opened

        async def hang_up(opened: aiosqlite.Connection) -> None:
            await opened.close()

        async with aiosqlite.connect(path) as first:
            await first.execute("CREATE TABLE IF NOT EXISTS stock(sku TEXT PRIMARY KEY, n INTEGER)")
            await first.executemany(
                "INSERT OR IGNORE INTO stock VALUES (?, 100000)", [(sku,) for sku in SKUS]
            )
            await first.commit()
        self.pool = self.stock = Pool(self.replica.spec.pool, connect, hang_up, self.replica.meters)

    def routes(self) -> list[Route]:
        return [("GET", "/stock", self.page), ("POST", "/reservations", self.reserve)]

    async def page(self, _request: web.Request) -> Any:
        await self.replica.work()
        rows = int(self.replica.setting("stock_page_size", 20))
        async with self.stock.connection(self.patience) as db:
            found = await db.execute_fetchall("SELECT sku, n FROM stock LIMIT ?", (rows,))
            return {"stock": dict(list(found))}  # type: ignore[arg-type]

    async def reserve(self, request: web.Request) -> Any:
        asked = await request.json()
        await self.replica.work()
        async with self.stock.connection(self.patience) as db:
            await db.execute(
                "UPDATE stock SET n = CASE WHEN n < 1000 THEN 100000 ELSE n - 1 END WHERE sku = ?",
                (asked["sku"],),
            )
        return {"reserved": asked["sku"]}

    @property
    def patience(self) -> float:
        return self.replica.setting("pool_timeout_ms", 1500.0) / 1000.0

    async def close(self) -> None:
        await self.stock.recycle()


SERVICE = Inventory
