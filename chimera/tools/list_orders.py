from __future__ import annotations

from typing import Literal

from chimera.domain import Evidence, Principal
from chimera.platform.store.records import OrderRecord
from chimera.platform.store.store import Store
from chimera.tools.base import Look, evidence_id, tool


@tool
async def list_orders(
    state: Literal["", "proposed", "waiting", "approved", "running", "done"] = "",
    incident: str = "",
    target: str = "",
    *,
    who: Principal,
    store: Store,
) -> Look:
    """Orders, newest first: what was asked for or done, by whom, and what became of it; in one
    state, of one incident, on one target, or all."""
    found = await store.orders(incident=incident or None, state=state or None, limit=200)
    kept = tuple(r for r in found if not target or r.order.target == target)
    return Look(tuple(shown(record, "list_orders") for record in kept), kept)


def shown(record: OrderRecord, tool_name: str) -> Evidence:
    order = record.order
    end = f", {record.outcome.status}" if record.outcome else ""
    query = f"order {order.id}"
    return Evidence(
        id=evidence_id(tool_name, query),
        tool=tool_name,
        claim=f"{order.id}: {order.runbook} on {order.target}, asked by {order.requested_by}; "
        f"{record.state}{end}",
        query=query,
        began=order.created,
        excerpt=order.reason,
        untrusted=True,  # the reason is somebody's text
    )
