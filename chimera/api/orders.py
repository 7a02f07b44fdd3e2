"""Orders: look, approve, deny."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from chimera.api.means import Use, Who
from chimera.domain import Approval
from chimera.platform.store.records import OrderRecord, OrderState

router = APIRouter(tags=["orders"])


class Answer(BaseModel):
    """What somebody says about the plan that they were shown."""

    granted: bool
    note: str = Field("", max_length=4000)
    plan_hash: str


class ShownOrder(OrderRecord):
    """An order, with the hash that an answer to it must carry."""

    plan_hash: str | None = None


def shown(record: OrderRecord) -> ShownOrder:
    fields = {name: getattr(record, name) for name in OrderRecord.model_fields}
    return ShownOrder(**fields, plan_hash=record.plan.hash if record.plan else None)


@router.get("/orders")
async def list_orders(
    use: Use,
    incident: str | None = None,
    state: OrderState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[ShownOrder]:
    """Newest first."""
    records = await use.store.orders(incident=incident, state=state, limit=limit)
    return [shown(record) for record in records]


@router.get("/orders/{order_id:path}")
async def show_order(order_id: str, use: Use) -> ShownOrder:
    return shown(await use.store.order(order_id))


@router.post("/orders/{order_id:path}/answer")
async def answer_order(order_id: str, answer: Answer, use: Use, who: Who) -> Approval:
    """Approve or deny a waiting order. The answer holds for exactly the plan whose hash it names."""
    return await use.desk.answer(order_id, answer.plan_hash, answer.granted, answer.note, who)
