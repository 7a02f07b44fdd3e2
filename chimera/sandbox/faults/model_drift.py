"""Customers change, and a model that was trained on those of before does not know it."""

from __future__ import annotations

import uuid
from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import DATA, Fault, Marks, Surgery


class ModelDrift(Fault):
    name = "model_drift"
    summary = "Prices rise for good, so that orders are worth more than the model has learnt."
    symptom = "The model's predictions fall behind; the orders' values are another population."
    kind = FaultKind.DRIFT
    repair = "retrain_model"
    set = DATA
    targets = ("forecast",)
    magnitudes = (0.8, 2.0)
    scale = "higher prices: 80 % more at 1"
    slow = True  # it takes new orders to show, and more of them to learn from

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        before = (await surgery.plant.fleet.details(target))["model_version"]
        await surgery.wish("load", traffic={"prices": 1 + 0.8 * magnitude})
        return Marks(model=before, key=f"fault/{uuid.uuid4().hex}")

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        """Prices and the model as they were; the orders of meanwhile do not count."""
        await surgery.wish("load", traffic={})
        words = {"quarantine": marks["key"], "version": marks["model"]}
        await surgery.command(target, "set_model", fresh="true", **words)


FAULT = ModelDrift()
