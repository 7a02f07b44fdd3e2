"""Orders, each with its plan, decision, approval and outcome; what changes of one is audited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import NotFound
from chimera.platform.store import tables as t
from chimera.platform.store.audit import Audit
from chimera.platform.store.audited_orders import changes_of
from chimera.platform.store.records import OrderRecord


class Orders(Audit):
    """One row an order."""

    async def save_order(self, record: OrderRecord) -> None:
        async with self._engine.begin() as connection:
            await self._save(connection, await self._order(connection, record.order.id), record)

    async def _save(
        self, connection: AsyncConnection, known: OrderRecord | None, record: OrderRecord
    ) -> None:
        row = {
            "id": record.order.id,
            "incident": record.order.incident,
            "state": record.state,
            "created": record.order.created,
            "body": record.model_dump(mode="json"),
        }
        await self._upsert(connection, t.orders, row)
        await self._audit(connection, *changes_of(known, record))

    async def change_order(self, order_id: str, **changes: Any) -> OrderRecord:
        async with self._engine.begin() as connection:
            known = await self._order(connection, order_id)
            if known is None:
                raise NotFound(unknown(order_id))
            record = known.model_copy(update=changes)
            await self._save(connection, known, record)
        return record

    async def _order(self, connection: AsyncConnection, order_id: str) -> OrderRecord | None:
        """The order as it is, held until the transaction ends."""
        row = await connection.execute(
            select(t.orders.c.body).where(t.orders.c.id == order_id).with_for_update()
        )
        body = row.scalar()
        return None if body is None else OrderRecord.model_validate(body)

    async def order(self, order_id: str) -> OrderRecord:
        async with self._reads.connect() as connection:
            row = await connection.execute(select(t.orders.c.body).where(t.orders.c.id == order_id))
            body = row.scalar()
        if body is None:
            raise NotFound(unknown(order_id))
        return OrderRecord.model_validate(body)

    async def orders(
        self,
        incident: str | None = None,
        state: str | None = None,
        limit: int | None = 50,
        since: datetime | None = None,
    ) -> list[OrderRecord]:
        """Newest first; without a limit all of them."""
        query = select(t.orders.c.body).order_by(t.orders.c.created.desc()).limit(limit)
        if incident:
            query = query.where(t.orders.c.incident == incident)
        if state:
            query = query.where(t.orders.c.state == state)
        if since is not None:
            query = query.where(t.orders.c.created >= since)
        async with self._reads.connect() as connection:
            return [
                OrderRecord.model_validate(body)
                for body in (await connection.execute(query)).scalars()
            ]


def unknown(order_id: str) -> str:
    return f"there is no order {order_id!r}; `chimera orders list` shows them"
