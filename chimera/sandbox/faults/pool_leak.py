"""Connections that are not given back."""

from __future__ import annotations

from chimera.domain import FaultKind
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.faults.base import Ailment


class PoolLeak(Ailment):
    name = "pool_leak"
    summary = "The service forgets to return connections to its pool."
    symptom = "Connections in use climb to the maximum; then requests wait, time out and fail."
    kind = FaultKind.POOL
    repair = "recycle_pool"
    targets = ("orders", "payments", "inventory")
    magnitudes = (0.6, 4.0)
    scale = "faster: the pool is empty after 90 s at 1"
    slow = True
    ailment = "pool"

    def numbers(self, target: str, magnitude: float) -> dict[str, float]:
        return {"seconds_each": 90.0 / SERVICES[target].pool / magnitude}


FAULT = PoolLeak()
