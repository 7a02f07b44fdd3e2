"""One database, and how to write into it so that twice is once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chimera.platform.store.engine import engine_for, migrate, reading


class Database:
    """What every room of the store stands on: Postgres or SQLite through SQLAlchemy."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reads = reading(engine)

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect and migrate. Raises Misconfigured or Unavailable."""
        engine = engine_for(url)
        await migrate(engine)
        return cls(engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def ping(self) -> None:
        async with self._reads.connect() as connection:
            await connection.execute(select(1))

    def _insert(self, table: Table, row: dict[str, Any]) -> Any:
        return self._insert_each(table).values(**row)

    def _insert_each(self, table: Table) -> Any:
        """To be executed with many rows at once."""
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    async def _upsert(self, connection: AsyncConnection, table: Table, row: dict[str, Any]) -> None:
        keys = [column.name for column in table.primary_key]
        rest = {name: value for name, value in row.items() if name not in keys}
        await connection.execute(
            self._insert(table, row).on_conflict_do_update(index_elements=keys, set_=rest)
        )

    async def _insert_once(
        self, connection: AsyncConnection, table: Table, row: dict[str, Any], keys: list[str]
    ) -> bool:
        statement = self._insert(table, row).on_conflict_do_nothing(index_elements=keys)
        return bool((await connection.execute(statement)).rowcount)


def now() -> datetime:
    return datetime.now(UTC)
