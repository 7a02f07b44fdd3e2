"""A release with a slow path."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Fault, Marks, Surgery


class SlowRelease(Fault):
    name = "slow_release"
    summary = "A new release makes its look-ups one after the other instead of at once."
    symptom = "Latency of the service and of its callers rises from the moment of the deployment."
    kind = FaultKind.RELEASE
    repair = "roll_back_release"
    targets = ("orders", "payments", "inventory", "storefront", "dashboard")
    magnitudes = (0.5, 3.0)
    scale = "slower: 700 ms more for most requests at 1"

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        slow = {"extra_ms": f"{700 * magnitude:.0f}", "extra_share": "0.85"}
        return await surgery.deploy(target, slow)

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.undeploy(target, marks)


FAULT = SlowRelease()
