"""Open the database and bring its tables up to date."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chimera.domain import Misconfigured, Unavailable
from chimera.platform.store.sqlite import PRIVATE, connecting, private

MIGRATION_LOCK = 0x43484D52  # any constant: one migration at a time on one Postgres
SPENDING_LOCK = 0x43484D53
LEASES_LOCK = 0x43484D54
READS = "chimera_reads"


def engine_for(url: str) -> AsyncEngine:
    """An engine for `postgresql+asyncpg://...` or `sqlite+aiosqlite:///file`."""
    try:
        if not url.startswith("sqlite"):
            return create_async_engine(url, pool_size=10, pool_pre_ping=True)
        engine = create_async_engine(url, async_creator=connecting(url))
    except (ArgumentError, ModuleNotFoundError) as error:
        raise Misconfigured(
            f"store.url {url.split('@')[-1]!r} is not a database address Chimera knows ({error}); "
            "use postgresql+asyncpg://... or sqlite+aiosqlite:///file"
        ) from error

    @event.listens_for(engine.sync_engine, "connect")
    def _pragmas(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA busy_timeout=30000")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _write_early(connection: Connection) -> None:
        # A read that later writes deadlocks in SQLite; take the write lock at once.
        if not connection.get_execution_options().get(READS):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def reading(engine: AsyncEngine) -> AsyncEngine:
    """The same connections for what writes nothing: in SQLite it waits for no writer.

    Each statement sees what is committed when it begins, as in Postgres.
    """
    return engine.execution_options(**{READS: True})


@asynccontextmanager
async def one_at_a_time(engine: AsyncEngine) -> AsyncIterator[None]:
    """Hold off other processes' migrations of the same database."""
    if engine.dialect.name == "postgresql":
        # The transaction's end lets go of it; a session's lock would stay with the pool.
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            yield
        return
    path = Path(f"{engine.url.database}.migrating")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE)
    try:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        if engine.url.database not in (None, "", ":memory:"):
            private(Path(f"{engine.url.database}"))
        yield
    finally:
        os.close(lock)


async def migrate(engine: AsyncEngine) -> None:
    """Upgrade to the newest tables. Raises Unavailable when the database does not answer."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    try:
        async with one_at_a_time(engine), engine.begin() as connection:
            await connection.run_sync(upgrade)
    except (OSError, DBAPIError) as error:
        where = engine.url.render_as_string(hide_password=True)
        raise Unavailable(f"the database {where}", "be opened", str(error)) from error


async def lock_for_writing(connection: AsyncConnection, lock: int) -> None:
    """Let one transaction at a time read a sum and add to it. SQLite's transactions do so anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({lock})"))
