"""More customers, and the estate serves them all."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Fault, Marks, Surgery


class TrafficSurge(Fault):
    name = "traffic_surge"
    summary = "Twice as many customers as usual, well within what the estate can do."
    symptom = "Traffic rises everywhere; latency and errors do not."
    kind = FaultKind.TRAFFIC
    is_fault = False
    targets = ("storefront",)
    magnitudes = (0.3, 1.3)
    scale = "more customers: 90 % more at 1"
    duration = 300.0

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        await surgery.wish("load", traffic={"surge": 1 + 0.9 * magnitude})
        return {}

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.wish("load", traffic={})


FAULT = TrafficSurge()
