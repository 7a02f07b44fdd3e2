"""A busy loop in the process."""

from __future__ import annotations

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Ailment


class CpuHog(Ailment):
    name = "cpu_hog"
    summary = "A loop in the process burns most of a core and keeps requests waiting."
    symptom = "CPU of the service jumps; its latency and its callers' latency rise."
    kind = FaultKind.CPU
    repair = "restart_service"
    targets = ("inventory", "orders", "payments", "storefront", "dashboard")
    magnitudes = (0.5, 2.0)
    scale = "longer stretches in which nothing else runs: 0.2 s each at 1, 0.75 of a core"
    ailment = "cpu"

    def numbers(self, target: str, magnitude: float) -> dict[str, float]:
        return {"share": min(0.9, 0.6 + 0.15 * magnitude), "stretch": 0.2 * magnitude}


FAULT = CpuHog()
