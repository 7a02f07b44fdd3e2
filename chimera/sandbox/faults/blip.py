"""A trouble that is over before anybody can help."""

from __future__ import annotations

import random
from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Fault, Marks, Surgery


class Blip(Fault):
    name = "blip"
    summary = "A short burst of errors that ends by itself."
    symptom = "Errors for 8 to 15 seconds, then nothing."
    kind = FaultKind.UNKNOWN
    is_fault = False
    targets = ("payments", "inventory", "orders", "dashboard", "storefront")
    magnitudes = (0.3, 2.0)
    scale = "more errors: half of the requests at 1"
    duration = 20.0

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        seconds = random.Random(seed).uniform(8, 15)
        share = min(1.0, 0.5 * magnitude)
        words = {"name": "errors", "numbers": {"share": share, "seconds": seconds}}
        await surgery.plant.fleet.tell(target, "ailments", words)
        return Marks()  # not marked as an ailment: it must not come back with a new process

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.heal(target, "errors")


FAULT = Blip()
