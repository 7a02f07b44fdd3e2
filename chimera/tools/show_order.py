from __future__ import annotations

from chimera.domain import Principal
from chimera.platform.store.store import Store
from chimera.tools.base import Look, tool
from chimera.tools.list_orders import shown


@tool
async def show_order(order: str, *, who: Principal, store: Store) -> Look:
    """One order with its plan (what, where, who feels it, the way back), policy's decision, who
    answered, and what became of it."""
    record = await store.order(order)
    return Look((shown(record, "show_order"),), record)
