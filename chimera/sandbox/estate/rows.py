"""The orders table, in Postgres (asyncpg) or, in light mode, SQLite: a few statements in both."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import aiosqlite
import asyncpg

Row = dict[str, Any]
COLUMNS = ("placed_at", "sku", "quantity", "amount", "customer")
KEPT = 20_000  # newest rows; the shop forgets older ones


class Rows(Protocol):
    """One connection to the orders."""

    async def prepare(self) -> None: ...
    async def insert(self, values: Sequence[Any]) -> int: ...
    async def recent(self, count: int) -> list[Row]: ...
    async def after(self, number: int, count: int) -> list[Row]: ...
    async def trim(self, keep: int) -> None: ...
    async def close(self) -> None: ...


TABLE = """CREATE TABLE IF NOT EXISTS orders (
    id {identity}, placed_at DOUBLE PRECISION NOT NULL, sku TEXT NOT NULL,
    quantity TEXT NOT NULL, amount TEXT NOT NULL, customer TEXT NOT NULL)"""


@dataclass
class PostgresRows:
    db: Any  # asyncpg.Connection; asyncpg has no types

    async def prepare(self) -> None:
        try:
            await self.db.execute(TABLE.format(identity="BIGSERIAL PRIMARY KEY"))
        except (asyncpg.UniqueViolationError, asyncpg.DuplicateTableError):
            return  # another replica made it at the same moment

    async def insert(self, values: Sequence[Any]) -> int:
        said = await self.db.fetchval(
            "INSERT INTO orders (placed_at, sku, quantity, amount, customer)"
            " VALUES ($1, $2, $3, $4, $5) RETURNING id",
            *values,
        )
        return int(said)

    async def recent(self, count: int) -> list[Row]:
        return [
            dict(row)
            for row in await self.db.fetch("SELECT * FROM orders ORDER BY id DESC LIMIT $1", count)
        ]

    async def after(self, number: int, count: int) -> list[Row]:
        found = await self.db.fetch(
            "SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT $2", number, count
        )
        return [dict(row) for row in found]

    async def trim(self, keep: int) -> None:
        await self.db.execute(
            "DELETE FROM orders WHERE id <= (SELECT max(id) FROM orders) - $1", keep
        )

    async def close(self) -> None:
        # A connection that leaked in the middle of something must go all the same.
        try:
            await asyncio.wait_for(self.db.close(), 1.0)
        except (TimeoutError, asyncpg.InterfaceError):
            self.db.terminate()


@dataclass
class SqliteRows:
    db: aiosqlite.Connection

    async def prepare(self) -> None:
        await self.db.execute(TABLE.format(identity="INTEGER PRIMARY KEY AUTOINCREMENT"))

    async def insert(self, values: Sequence[Any]) -> int:
        made = await self.db.execute(
            "INSERT INTO orders (placed_at, sku, quantity, amount, customer)"
            " VALUES (?, ?, ?, ?, ?)",
            values,
        )
        return int(made.lastrowid or 0)

    async def recent(self, count: int) -> list[Row]:
        return await self._rows("SELECT * FROM orders ORDER BY id DESC LIMIT ?", (count,))

    async def after(self, number: int, count: int) -> list[Row]:
        return await self._rows(
            "SELECT * FROM orders WHERE id > ? ORDER BY id LIMIT ?", (number, count)
        )

    async def _rows(self, statement: str, values: tuple[int, ...]) -> list[Row]:
        return [
            dict(zip(("id", *COLUMNS), row, strict=True))
            for row in await self.db.execute_fetchall(statement, values)
        ]

    async def trim(self, keep: int) -> None:
        await self.db.execute(
            "DELETE FROM orders WHERE id <= (SELECT max(id) FROM orders) - ?", (keep,)
        )

    async def close(self) -> None:
        await self.db.close()


async def connect(database: str) -> Rows:
    """Open one connection; `sqlite:<file>` is the light mode, anything else a Postgres address."""
    if database.startswith("sqlite:"):
        opened = await aiosqlite.connect(
            database.removeprefix("sqlite:"),
            isolation_level=None,
            timeout=5,
        )
        await opened.execute("PRAGMA journal_mode=WAL")
        await opened.execute("PRAGMA synchronous=OFF")
        return SqliteRows(opened)
    return PostgresRows(await asyncpg.connect(database, timeout=5, command_timeout=5))
