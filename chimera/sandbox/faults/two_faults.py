"""Two troubles at once that have nothing to do with each other."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Cause, Fault, Marks, Surgery
from chimera.sandbox.faults.config_errors import ConfigErrors
from chimera.sandbox.faults.cpu_hog import CpuHog
from chimera.sandbox.faults.poison_record import PoisonRecord
from chimera.sandbox.faults.slow_release import SlowRelease

PAIRS: dict[str, tuple[tuple[Fault, str], tuple[Fault, str]]] = {
    "payments+forecast": ((ConfigErrors(), "payments"), (PoisonRecord(), "forecast")),
    "inventory+transform": ((CpuHog(), "inventory"), (PoisonRecord(), "transform")),
    "payments+transform": ((SlowRelease(), "payments"), (PoisonRecord(), "transform")),
}


class TwoFaults(Fault):
    name = "two_faults"
    summary = "One fault in a service and another in the data pipeline, at the same moment."
    symptom = "Those of both."
    kind = FaultKind.UNKNOWN
    targets = tuple(PAIRS)
    magnitudes = (0.5, 2.0)
    scale = "that of the service's fault; the pipeline's has one record"

    def causes(self, target: str) -> tuple[Cause, ...]:
        return tuple(cause for fault, on in PAIRS[target] for cause in fault.causes(on))

    def repairs(self, target: str) -> tuple[str, ...]:
        return tuple(name for fault, on in PAIRS[target] for name in fault.repairs(on))

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        (first, on), (second, there) = PAIRS[target]
        one = await first.inject(surgery, on, magnitude, seed)
        two = await second.inject(surgery, there, 1.0, seed)
        return Marks(parts=[one, two])

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        for (fault, on), part in zip(PAIRS[target], marks["parts"], strict=True):
            await fault.clear(surgery, on, Marks(part))


FAULT = TwoFaults()
