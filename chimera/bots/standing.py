"""How things stand, for whoever opens Chimera in a chat: what is open, paused, and waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from chimera.platform.store import OrderRecord

SHOWN = 12  # incidents, orders: with their buttons well within what a chat shows at once
PAUSE, RESUME = "chimera_pause", "chimera_resume"
RUN, REFRESH = "chimera_run", "chimera_refresh"


class Desk(Protocol):
    async def status(self) -> dict[str, Any]: ...


class Orders(Protocol):
    async def order(self, order_id: str) -> OrderRecord: ...


@dataclass(frozen=True)
class Standing:
    """The desk's status, and the first of the orders that wait."""

    status: dict[str, Any]
    waiting: list[OrderRecord]

    @classmethod
    async def now(cls, desk: Desk, orders: Orders) -> Standing:
        """Raises Unavailable, Refused."""
        status = await desk.status()
        return cls(status, [await orders.order(o) for o in status["waiting_orders"][:SHOWN]])
