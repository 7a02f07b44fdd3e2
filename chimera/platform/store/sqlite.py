"""SQLite's driver with one trip to its thread a statement, where aiosqlite makes four.

A trip takes longer than most statements do; a chat turn makes some thirty statements.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Self

import aiosqlite
from sqlalchemy.engine import make_url

WAIT = 30.0  # seconds for another process that writes
PRIVATE = 0o600
Rows = list[tuple[Any, ...]]


class Cursor:
    """What SQLAlchemy asks of an asynchronous cursor; the rows come with the statement."""

    arraysize = 1

    def __init__(self, connection: OneTrip) -> None:
        self._connection = connection
        self._rows: Rows = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        return await self._trip("execute", sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        return await self._trip("executemany", sql, parameters)

    async def fetchall(self) -> Rows:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open: the driver's own cursor lived for the statement only."""

    async def _trip(self, way: str, *arguments: Any) -> Self:
        done, self._rows = await self._connection.trip(way, *arguments)
        self.description, self.rowcount = done.description, done.rowcount
        self.lastrowid = done.lastrowid
        return self


class OneTrip(aiosqlite.Connection):
    """aiosqlite's connection with cursors of the kind above."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def trip(self, way: str, *arguments: Any) -> tuple[sqlite3.Cursor, Rows]:
        def there() -> tuple[sqlite3.Cursor, Rows]:
            cursor = getattr(self._conn, way)(*arguments)
            return cursor, cursor.fetchall() if cursor.description else []

        return await self._execute(there)  # type: ignore[no-any-return,no-untyped-call]


def private(file: Path) -> None:
    """Make a database's file for its owner alone, where SQLite would make it for all to read.

    What SQLite puts beside it (`-wal`, `-shm`) gets the same mode. A file that is there is left as
    it is: whoever opened it to others may have meant to.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE))


def connecting(url: str) -> Callable[[], Awaitable[OneTrip]]:
    """How SQLAlchemy gets a further connection to the database of an address."""
    address = make_url(url)
    arguments, options = address.get_dialect()().create_connect_args(address)
    connect = partial(sqlite3.connect, *arguments, **{"timeout": WAIT, **options})

    async def connected() -> OneTrip:
        connection = OneTrip(connect, 64)
        connection._thread.daemon = True  # a connection that nobody closed keeps no process alive
        await connection
        return connection

    return connected
