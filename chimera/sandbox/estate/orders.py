"""Orders: taken, charged, reserved, kept in the database, exported to the data platform."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiohttp import web

from chimera.sandbox.estate import feed
from chimera.sandbox.estate.credentials import check
from chimera.sandbox.estate.pool import Pool
from chimera.sandbox.estate.rows import KEPT, Row, Rows, connect
from chimera.sandbox.estate.service import Route, Service


class Orders(Service):
    async def open(self) -> None:
        async def hang_up(rows: Rows) -> None:
            await rows.close()

        self.pool = self.rows = Pool(
            self.replica.spec.pool,
            lambda: connect(self.replica.wiring.database),
            hang_up,
            self.replica.meters,
        )
        async with self.rows.connection(10) as db:
            await db.prepare()

    def routes(self) -> list[Route]:
        return [
            ("POST", "/orders", self.place),
            ("GET", "/orders/recent", self.recent),
            ("GET", "/export", self.export),
        ]

    @property
    def patience(self) -> float:
        return self.replica.setting("pool_timeout_ms", 1500.0) / 1000.0

    async def place(self, request: web.Request) -> Any:
        """Reserve, charge, then write the row down."""
        asked = await request.json()
        await self.replica.work()
        await self.replica.call("inventory", "/reservations", {"sku": asked["sku"]})
        await self.replica.call("payments", "/charges", {"amount": asked["amount"]})
        row = [time.time(), asked["sku"], asked["quantity"], asked["amount"], asked["customer"]]
        async with self.rows.connection(self.patience) as db:
            return {"id": await db.insert(row)}

    async def recent(self, _request: web.Request) -> Any:
        await self.replica.work()
        async with self.rows.connection(self.patience) as db:
            return {"orders": await db.recent(int(self.replica.setting("recent_orders", 10)))}

    async def export(self, request: web.Request) -> Any:
        """New orders in the order of their ids, and how many there are, for the control total."""
        check(request, self.replica)
        after, limit = int(request.query["after"]), int(request.query["limit"])
        async with self.rows.connection(self.patience) as db:
            rows = await db.after(after, limit)
            sent = await self.as_sent(db, rows, after)
        behaviours = self.replica.wish.behaviours
        return {
            "orders": [renamed(row, behaviours) for row in sent],
            "count": len(rows),
            "last": rows[-1]["id"] if rows else after,
        }

    async def as_sent(self, db: Rows, rows: list[Row], after: int) -> list[Row]:
        """The rows with whatever is wrong with the export just now."""
        wrong = self.replica.wish.feed
        if "hollow" in wrong:
            return feed.hollow(rows, wrong["hollow"])
        if "replay" in wrong and feed.crosses(rows, after, wrong["replay"]):
            begin, end = int(wrong["replay"]["after"]), int(wrong["replay"]["until"])
            again = [row for row in await db.after(begin, end - begin) if row["id"] <= end]
            return feed.replayed(rows, again, wrong["replay"])
        return rows

    async def run(self) -> None:
        """Forget old rows now and then."""
        while True:
            await asyncio.sleep(60)
            try:
                async with self.rows.connection(self.patience) as db:
                    await db.trim(KEPT)
            except Exception as error:
                self.replica.log.warning(f"old orders could not be removed: {error}")

    async def command(self, name: str, arguments: dict[str, Any]) -> dict[str, str]:
        if name == "insert":  # a record as some partner's system might send it
            placed_at = float(arguments.get("placed_at", time.time()))
            row = [placed_at, *(arguments[key] for key in ("sku", "quantity", "amount"))]
            async with self.rows.connection(5) as db:
                return {"id": str(await db.insert([*row, "partner"]))}
        if name == "newest":
            async with self.rows.connection(5) as db:
                found = await db.recent(1)
            return {"id": str(found[0]["id"] if found else 0)}
        if name == "empty":
            async with self.rows.connection(5) as db:
                await db.trim(0)
            return {}
        raise KeyError(name)

    async def close(self) -> None:
        await self.rows.recycle()


def renamed(row: dict[str, Any], behaviours: dict[str, str]) -> dict[str, Any]:
    """A row as this release exports it: some releases call a column by another name.

    The share of rows that are affected follows the row's id, so that a row exported twice is the
    same twice.
    """
    old, new = behaviours.get("rename_from"), behaviours.get("rename_to")
    if old in row and new and row["id"] * 7919 % 100 < 100 * float(behaviours["rename_share"]):
        return {new if key == old else key: value for key, value in row.items()}
    return row


SERVICE = Orders
