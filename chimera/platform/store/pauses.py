"""Pauses: where nothing new is changed just now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from chimera.platform.governance.audit import Entry, digest
from chimera.platform.store import tables as t
from chimera.platform.store.audit import Audit
from chimera.platform.store.database import now
from chimera.platform.store.records import Pause


class Pauses(Audit):
    """One row an environment that is paused."""

    async def pause(
        self, environment: str, by: str, reason: str, at: datetime | None = None
    ) -> None:
        row = {"environment": environment, "by": by, "reason": reason, "at": at or now()}
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.pauses, row)
            said = Entry(
                who=by, action="pause.set", object=environment, details={"reason": digest(reason)}
            )
            await self._audit(connection, said)

    async def resume(self, environment: str, by: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(t.pauses).where(t.pauses.c.environment == environment))
            said = Entry(who=by, action="pause.lifted", object=environment)
            await self._audit(connection, said)

    async def pauses(self) -> dict[str, Pause]:
        async with self._reads.connect() as connection:
            rows = await connection.execute(select(t.pauses))
            return {r.environment: Pause.model_validate(dict(r._mapping)) for r in rows}
