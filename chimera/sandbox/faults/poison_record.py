"""A record that no attempt can process."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Fault, Marks, Surgery

# Each step is strict about something else, so each poison passes the steps before its own.
POISON: dict[str, dict[str, str]] = {
    "transform": {"sku": "SKU-007", "quantity": "2", "amount": "12,5O"},
    "ingest": {"sku": "SKU-011", "quantity": "two", "amount": "21.00"},
    "forecast": {"sku": "SKU-9Z9", "quantity": "1", "amount": "8.00"},
}


class PoisonRecord(Fault):
    name = "poison_record"
    summary = "A partner's order has a field that one step of the pipeline cannot read."
    symptom = "The step fails at the same batch on every run; its dataset and those after it age."
    kind = FaultKind.POISON
    repair = "skip_poison_record"
    targets = ("transform", "ingest", "forecast")
    magnitudes = (1.0, 5.0)
    scale = "the number of such records"

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        numbers = []
        for _ in range(max(1, round(magnitude))):
            made = await surgery.command("orders", "insert", **POISON[target])
            numbers.append(made["id"])
        return Marks(records=numbers)

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.command(target, "forget", records=",".join(marks["records"]))


FAULT = PoisonRecord()
