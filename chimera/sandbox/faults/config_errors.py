"""A setting with a wrong value."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.faults.base import Fault, Marks, Surgery

KEY = "work_timeout_ms"


class ConfigErrors(Fault):
    name = "config_errors"
    summary = "Somebody sets the deadline for work far too short."
    symptom = "A share of the service's requests fails at once, and so do its callers' requests."
    kind = FaultKind.CONFIGURATION
    repair = "revert_configuration"
    targets = ("payments", "inventory", "orders", "storefront", "dashboard")
    magnitudes = (0.3, 4.0)
    scale = "more errors: 42 % of requests fail at 1"

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        spec = SERVICES[target]
        passing = math.exp(-0.55 * magnitude)  # the share that still makes the deadline
        deadline = spec.work_ms * math.exp(spec.spread * NormalDist().inv_cdf(passing))
        return await surgery.configure(target, KEY, f"{deadline:.0f}")

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.unconfigure(target, marks)


FAULT = ConfigErrors()
