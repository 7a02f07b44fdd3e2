"""More work than one replica can do."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.estate.load import MIX, PEAK
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.faults.base import Fault, Marks, Surgery

OPERATION = {"payments": "order", "inventory": "stock", "dashboard": "sales", "orders": "browse"}
BY = {
    "payments": ("order",),
    "inventory": ("order", "stock"),
    "dashboard": ("sales",),
    "orders": ("order", "browse"),
}  # the operations that reach it


class SaturatedService(Fault):
    name = "saturated_service"
    summary = "Customers ask more of one service than a single replica of it can do."
    symptom = "All workers busy, the queue grows; latency climbs, then requests are turned away."
    kind = FaultKind.SATURATION
    repair = "scale_service"
    targets = ("payments", "inventory", "dashboard", "orders")
    magnitudes = (0.85, 1.4)
    scale = "more work: 1.3 times what one replica can do at 1"

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        usual = 0.75 * PEAK * sum(MIX[operation] for operation in BY[target])
        extra = 1.3 * magnitude * SERVICES[target].capacity - usual
        await surgery.wish("load", traffic={OPERATION[target]: extra})
        return {}

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.wish("load", traffic={})


FAULT = SaturatedService()
