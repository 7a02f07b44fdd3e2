"""Small durable notes: what a channel or a webhook must remember over a restart."""

from __future__ import annotations

import uuid
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from chimera.platform.store import tables as t
from chimera.platform.store.database import Database


class Notes(Protocol):
    """Text by (scope, key). The Store implements it."""

    async def get(self, scope: str, key: str) -> str | None: ...

    async def put(self, scope: str, key: str, value: str) -> None: ...

    async def put_once(self, scope: str, key: str, value: str) -> bool:
        """True if it was not there."""
        ...


async def installation(notes: Notes) -> str:
    """This installation's own name, made once: eight hexadecimal digits.

    Incident numbers start again in a new store; two installations may share one Temporal, one
    ServiceNow.
    """
    name = await notes.get("installation", "id")
    while name is None:
        await notes.put_once("installation", "id", uuid.uuid4().hex[:8])
        name = await notes.get("installation", "id")
    return name


class StoredNotes(Database):
    """One row a note."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._prefix = ""

    async def get(self, scope: str, key: str) -> str | None:
        async with self._reads.connect() as connection:
            row = await connection.execute(
                select(t.notes.c.value).where(t.notes.c.scope == scope, t.notes.c.key == key)
            )
            return row.scalar()

    async def put(self, scope: str, key: str, value: str) -> None:
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.notes, {"scope": scope, "key": key, "value": value})

    async def put_once(self, scope: str, key: str, value: str) -> bool:
        """True if it was not there."""
        async with self._engine.begin() as connection:
            row = {"scope": scope, "key": key, "value": value}
            return await self._insert_once(connection, t.notes, row, ["scope", "key"])

    async def prefix(self) -> str:
        """What this installation's names in shared systems begin with."""
        if not self._prefix:  # asked in every activity, and it never changes
            self._prefix = f"{await installation(self)}-"
        return self._prefix
