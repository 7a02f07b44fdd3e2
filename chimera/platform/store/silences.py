"""Silences, and the ledger of the orders that made and lifted them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import NotFound, Silence
from chimera.domain.orders import MARKED
from chimera.platform.governance.audit import Entry
from chimera.platform.store import tables as t
from chimera.platform.store.audit import Audit

FENCED, DONE = "alerting-fenced", "alerting-done"  # notes: an order's mark; an effect's key


class Silences(Audit):
    """One row a silence, kept after its end. Every change carries an order's key: twice is once."""

    async def silences(self, at: datetime | None = None) -> list[Silence]:
        """The newest first; with a moment, those that have not ended by then."""
        query = select(t.silences.c.body).order_by(t.silences.c.until.desc())
        if at is not None:
            query = query.where(t.silences.c.until > at)
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).scalars()
            found = [Silence.model_validate(body) for body in rows]
        return [s for s in found if at is None or s.ends > at]

    async def silence(self, silence_id: str) -> Silence:
        async with self._reads.connect() as connection:
            return await self._silence(connection, silence_id)

    async def add_silence(self, key: str, order: str, silence: Silence) -> bool:
        """Keep a silence, unless its order was fenced; whether it is there. `order`: its mark."""
        row = {
            "id": silence.id,
            "until": silence.until,
            "body": silence.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            if not await self._first(connection, key, order, silence.id):
                return False
            await self._insert_once(connection, t.silences, row, ["id"])
            await self._did(connection, key, order, "silence.set", silence.id, silence.by)
        return True

    async def lift_silence(
        self, key: str, order: str, silence_id: str, by: str, at: datetime
    ) -> bool:
        """End a silence now. Whoever lifted it first stays on record. Raises NotFound."""
        async with self._engine.begin() as connection:
            if not await self._first(connection, key, order, silence_id):
                return False
            known = await self._silence(connection, silence_id)
            if known.lifted is None:
                lifted = known.model_copy(update={"lifted": at, "lifted_by": by})
                await self._write(connection, lifted)
            await self._did(connection, key, order, "silence.lifted", silence_id, by)
        return True

    async def restore_silence(self, key: str, order: str, silence_id: str) -> bool:
        """Take a lifting back."""
        async with self._engine.begin() as connection:
            if not await self._first(connection, key, order, silence_id):
                return False
            known = await self._silence(connection, silence_id)
            await self._write(
                connection, known.model_copy(update={"lifted": None, "lifted_by": ""})
            )
            await self._did(connection, key, order, "silence.restored", silence_id, "")
        return True

    async def fence_alerting(self, order: str) -> None:
        """From now on a late change of this order does nothing."""
        note = {"scope": FENCED, "key": order, "value": "yes"}
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.notes, note)

    async def alerting_done(self, order: str) -> dict[str, str]:
        """Which silence each key of an order made or lifted."""
        keys = (order, f"{order}#rollback")
        query = select(t.notes.c.key, t.notes.c.value).where(
            t.notes.c.scope == DONE, t.notes.c.key.in_(keys)
        )
        async with self._reads.connect() as connection:
            return {row.key: row.value for row in await connection.execute(query)}

    async def _first(
        self, connection: AsyncConnection, key: str, order: str, silence_id: str
    ) -> bool:
        """Enter an effect into the ledger; False if its order is fenced and it is no way back."""
        fenced = await connection.execute(
            select(t.notes.c.value).where(t.notes.c.scope == FENCED, t.notes.c.key == order)
        )
        if key == order and fenced.first() is not None:
            return False
        note = {"scope": DONE, "key": key, "value": silence_id}
        await self._insert_once(connection, t.notes, note, ["scope", "key"])
        return True

    async def _did(
        self, connection: AsyncConnection, key: str, order: str, action: str, what: str, by: str
    ) -> None:
        said = Entry(
            who="chimera",
            behalf="" if by == "chimera" else by,
            action=action,
            object=what,
            details={"order": order.partition(MARKED)[0]},
            key=f"{action}/{key}",
        )
        await self._audit(connection, said)

    async def _silence(self, connection: AsyncConnection, silence_id: str) -> Silence:
        row = await connection.execute(
            select(t.silences.c.body).where(t.silences.c.id == silence_id).with_for_update()
        )
        body = row.scalar()
        if body is None:
            raise NotFound(f"there is no silence {silence_id!r}; `chimera silence list` shows them")
        return Silence.model_validate(body)

    async def _write(self, connection: AsyncConnection, silence: Silence) -> None:
        body = silence.model_dump(mode="json")
        row = {"id": silence.id, "until": silence.until, "body": body}
        await self._upsert(connection, t.silences, row)
