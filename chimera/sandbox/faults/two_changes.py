"""Two changes in one minute, of which one is innocent."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Fault, Marks, Surgery
from chimera.sandbox.faults.slow_release import SlowRelease

INNOCENT = {  # a setting that changes what is answered, not how fast
    "payments": ("currency", "CHF"),
    "orders": ("recent_orders", "12"),
    "inventory": ("stock_page_size", "18"),
    "storefront": ("banner", "summer"),
    "dashboard": ("refresh_seconds", "4"),
}


class TwoChanges(Fault):
    name = "two_changes"
    summary = "A slow release and an innocent change of a setting of the same service."
    symptom = "Latency rises; both changes came at the same time and are equally suspected."
    kind = FaultKind.RELEASE
    repair = "roll_back_release"
    targets = tuple(INNOCENT)
    magnitudes = (0.5, 3.0)
    scale = "slower, as with slow_release"

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        setting = await surgery.configure(target, *INNOCENT[target])
        release = await SlowRelease().inject(surgery, target, magnitude, seed)
        return Marks(setting=setting, release=release)

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.undeploy(target, Marks(marks["release"]))
        await surgery.unconfigure(target, Marks(marks["setting"]))


FAULT = TwoChanges()
