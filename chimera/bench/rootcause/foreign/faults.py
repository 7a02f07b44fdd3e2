"""What can go wrong in a foreign system, and how hard it hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chimera.diagnosis.observed import Trouble as T

# What must be measured for a fault to be seen at its own place, and the kinds that name it right.
NEEDS: dict[str, tuple[str, ...]] = {
    "cpu": ("cpu",),
    "memory": ("memory",),
    "disk": ("disk",),
    "latency": ("latency",),
    "errors": ("errors", "success"),
    "network": ("client", "server", "retrans"),
    "data": ("age", "rows"),
    "external": ("latency", "errors", "success"),
    "down": (),
}
KINDS: dict[str, frozenset[T]] = {
    "cpu": frozenset({T.CPU}),
    "memory": frozenset({T.MEMORY}),
    "disk": frozenset({T.DISK}),
    "latency": frozenset({T.LATENCY}),
    "errors": frozenset({T.ERRORS}),
    "network": frozenset({T.NETWORK}),
    "data": frozenset({T.DATA}),
    "external": frozenset({T.LATENCY, T.ERRORS}),
    "down": frozenset({T.DOWN}),
}
FAULTS = tuple(NEEDS)


@dataclass(frozen=True)
class Fault:
    """`kind` at `service` from sample `at` on; `size` is 0 to 1 from barely to badly."""

    kind: str
    service: int
    at: int
    size: float

    def since(self, samples: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """0 before, 1 since."""
        return (np.arange(samples) >= self.at).astype(np.float64)

    def rising(self, samples: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """0 before, then a ramp to 1 at the last sample."""
        return np.clip((np.arange(samples) - self.at + 1.0) / max(1, samples - self.at), 0.0, 1.0)
