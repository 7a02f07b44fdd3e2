"""Taking hold of a target; where too many changes are under way, waiting a little and saying so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chimera.domain import Order, TooManyAtOnce, Unavailable
from chimera.platform.store import Store
from chimera.runbooks.distrust import tell_incident

PATIENCE = timedelta(minutes=2)  # of an order that waits for room; then it is refused


async def hold(
    store: Store,
    order: Order,
    cool_down: timedelta,
    at_once: int | None,
    asked: datetime,
    patience: timedelta,
) -> None:
    """Hold the order's target, `at_once` of them in its environment; None: it counts for nothing.

    Raises PolicyDenied while it is busy or cools down, Unavailable, which is tried again, while
    there is no room, and TooManyAtOnce when it was `asked` for longer ago than `patience`.
    """
    now = datetime.now(UTC)
    try:
        await store.take_lease(order, cool_down, now, at_once)
    except TooManyAtOnce as full:
        if now - asked >= patience:
            raise
        said = f"order {order.id}: {full}"
        await tell_incident(store, order.incident, f"{order.id}-waits", now, said)
        raise Unavailable(order.environment, "take another change yet", str(full)) from full
