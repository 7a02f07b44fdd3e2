"""Nothing at all: a healthy estate in which nothing may happen."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Cause, Fault, Marks, Surgery


class Nothing(Fault):
    name = "none"
    summary = "Nothing is broken."
    symptom = "None."
    kind = FaultKind.UNKNOWN
    is_fault = False
    targets = ("storefront",)
    magnitudes = (0.0, 10.0)
    scale = "nothing"

    def causes(self, target: str) -> tuple[Cause, ...]:
        return ()

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        return {}

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        return


FAULT = Nothing()
