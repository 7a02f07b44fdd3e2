"""Pauses: where nothing new is changed just now."""

from __future__ import annotations

from sqlalchemy import delete, select

from chimera.platform.store import tables as t
from chimera.platform.store.database import Database, now
from chimera.platform.store.records import Pause


class Pauses(Database):
    """One row an environment that is paused."""

    async def pause(self, environment: str, by: str, reason: str) -> None:
        row = {"environment": environment, "by": by, "reason": reason, "at": now()}
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.pauses, row)

    async def resume(self, environment: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(t.pauses).where(t.pauses.c.environment == environment))

    async def pauses(self) -> dict[str, Pause]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(t.pauses))
            return {r.environment: Pause.model_validate(dict(r._mapping)) for r in rows}
