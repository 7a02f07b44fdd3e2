"""Memory that is never freed."""

from __future__ import annotations

from chimera.domain import FaultKind
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.faults.base import Ailment


class MemoryLeak(Ailment):
    name = "memory_leak"
    summary = "The process keeps what it should forget, until it is killed at its limit."
    symptom = (
        "Resident memory climbs; requests get slower; at 300 MB the process dies and restarts."
    )
    kind = FaultKind.MEMORY
    repair = "restart_service"
    targets = ("orders", "inventory", "payments", "storefront", "dashboard")
    magnitudes = (0.6, 4.0)
    scale = "faster: the limit is reached after 150 s at 1, users feel it after 75 s"
    slow = True
    ailment = "memory"

    def numbers(self, target: str, magnitude: float) -> dict[str, float]:
        return {"bytes_per_second": SERVICES[target].memory_growth / 150.0 * magnitude}


FAULT = MemoryLeak()
