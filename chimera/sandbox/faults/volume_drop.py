"""An extract that went wrong at its source: most rows are not in it, and fields are empty."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.estate.quarantine import number
from chimera.sandbox.faults.base import DATA, Cause, Fault, Marks, Surgery


class VolumeDrop(Fault):
    name = "volume_drop"
    summary = "The source sends a thin extract: one order in four, half of the fields empty."
    symptom = "A raw batch has too few rows and empty fields; transform stops at it; data age."
    kind = FaultKind.DATA
    repair = "quarantine_batch"
    set = DATA
    targets = ("orders",)
    magnitudes = (0.7, 1.5)
    scale = "more orders are hit: 30 at 1, some ten seconds of them"

    def causes(self, target: str) -> tuple[Cause, ...]:
        return (Cause(target="raw_orders", kind=self.kind),)

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        newest = int((await surgery.command(target, "newest"))["id"])
        until = newest + round(30 * magnitude)
        hollow = {"after": newest, "until": until, "every": 4, "empty": 0.5, "seed": seed}
        await surgery.wish(target, feed={"hollow": hollow})
        return Marks(until=until)

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.wish(target, feed={})
        with suppress(ValueError):  # a repair was here before
            name = number(f"{self.name}/{marks['until']}")
            await surgery.command("transform", "quarantine_batch", quarantine=name)


FAULT = VolumeDrop()
