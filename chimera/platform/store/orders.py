"""Orders, each with its plan, decision, approval and outcome."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chimera.domain import NotFound
from chimera.platform.store import tables as t
from chimera.platform.store.database import Database
from chimera.platform.store.records import OrderRecord


class Orders(Database):
    """One row an order."""

    async def save_order(self, record: OrderRecord) -> None:
        row = {
            "id": record.order.id,
            "incident": record.order.incident,
            "state": record.state,
            "created": record.order.created,
            "body": record.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.orders, row)

    async def change_order(self, order_id: str, **changes: Any) -> OrderRecord:
        record = (await self.order(order_id)).model_copy(update=changes)
        await self.save_order(record)
        return record

    async def order(self, order_id: str) -> OrderRecord:
        async with self._engine.connect() as connection:
            row = await connection.execute(select(t.orders.c.body).where(t.orders.c.id == order_id))
            body = row.scalar()
        if body is None:
            raise NotFound(f"there is no order {order_id!r}; `chimera orders list` shows them")
        return OrderRecord.model_validate(body)

    async def orders(
        self, incident: str | None = None, state: str | None = None, limit: int = 50
    ) -> list[OrderRecord]:
        """Newest first."""
        query = select(t.orders.c.body).order_by(t.orders.c.created.desc()).limit(limit)
        if incident:
            query = query.where(t.orders.c.incident == incident)
        if state:
            query = query.where(t.orders.c.state == state)
        async with self._engine.connect() as connection:
            return [
                OrderRecord.model_validate(body)
                for body in (await connection.execute(query)).scalars()
            ]
