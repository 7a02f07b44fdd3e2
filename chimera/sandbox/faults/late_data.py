"""Records that arrive minutes after they happened."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.estate.products import PRICES, SKUS, WEIGHTS
from chimera.sandbox.estate.quarantine import number
from chimera.sandbox.faults.base import DATA, Cause, Fault, Marks, Surgery

OLDEST, NEWEST = 420.0, 90.0  # seconds ago


class LateData(Fault):
    name = "late_data"
    summary = "A partner that was offline sends the orders of its last minutes all at once."
    symptom = "Orders arrive after their time was closed; they wait beside the curated orders."
    kind = FaultKind.LATE
    repair = "reprocess_late"
    set = DATA
    targets = ("orders",)
    magnitudes = (0.5, 3.0)
    scale = "more late orders: 40 at 1"

    def causes(self, target: str) -> tuple[Cause, ...]:
        return (Cause(target="curated_orders", kind=self.kind),)

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        chance, now = random.Random(seed), time.time()
        for _ in range(round(40 * magnitude)):
            sku, quantity = chance.choices(SKUS, WEIGHTS)[0], chance.randint(1, 4)
            words = {
                "sku": sku,
                "quantity": str(quantity),
                "amount": f"{PRICES[sku] * quantity:.2f}",
                "placed_at": f"{now - chance.uniform(NEWEST, OLDEST):.3f}",
            }
            made = await surgery.command(target, "insert", **words)
        return Marks(last=made["id"])

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        with suppress(ValueError):  # a repair was here before
            name = number(f"{self.name}/{marks['last']}")
            await surgery.command("transform", "merge_late", quarantine=name)


FAULT = LateData()
