"""What must be true after any havoc: pure functions over what was left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from chimera.bench.ground.controller import LedgerRow
from chimera.domain.base import Value

CHANGED = ("applied", "failed", "unverified")  # a change that was made and is still there


class EndedOrder(Value):
    """An order as it was left."""

    id: str
    incident: str
    state: str
    status: str | None = None
    endings: int = 0  # lines of the timeline that tell its end


def problems(
    orders: Sequence[EndedOrder],
    incidents: Iterable[str],
    ledger: Sequence[LedgerRow],
    records: Mapping[str, int],
) -> list[str]:
    """What is not as it must be; empty when every repair ended once, with one effect and record.

    `ledger`: the controller's rows since the beginning. `records`: ServiceNow incidents created,
    by Chimera's incident.
    """
    found = []
    if not orders:
        found.append("no repair was ordered")
    for order in orders:
        found += ending(order)
        found += effects(order, ledger)
    for incident in incidents:
        if records.get(incident, 0) != 1:
            found.append(f"{incident}: {records.get(incident, 0)} ServiceNow incidents and not 1")
    known = {order.id for order in orders}
    strangers = {row.order_id for row in ledger if row.applied} - known
    found += [
        f"order {name} is in the ledger and belongs to no incident" for name in sorted(strangers)
    ]
    return found


def ending(order: EndedOrder) -> list[str]:
    if order.state != "done" or order.status is None:
        return [f"order {order.id} did not end: it is {order.state}"]
    if order.endings != 1:
        return [f"order {order.id} ended {order.endings} times in the timeline and not once"]
    return []


def effects(order: EndedOrder, ledger: Iterable[LedgerRow]) -> list[str]:
    """One effect for what was changed, none for what was refused, never two under one key."""
    keys = Counter(row.key for row in ledger if row.order_id == order.id and row.applied)
    found = [f"effect {key} was applied {n} times" for key, n in sorted(keys.items()) if n > 1]
    if order.status in CHANGED and order.status != "failed" and not keys[order.id]:
        found.append(f"order {order.id} is {order.status} and the ledger shows no effect")
    if order.status == "refused" and keys[order.id]:
        found.append(f"order {order.id} was refused and the ledger shows an effect")
    return found
