"""A delivery that comes twice."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.estate.quarantine import number
from chimera.sandbox.faults.base import DATA, Cause, Fault, Marks, Surgery

AHEAD = 4  # orders; the point of the replay must not have been exported yet


class DuplicatedData(Fault):
    name = "duplicated_data"
    summary = "The source loses its place and sends the orders of the last half minute again."
    symptom = "Curated orders hold orders twice; forecast and revenue are too high for a while."
    kind = FaultKind.DUPLICATES
    repair = "deduplicate_dataset"
    set = DATA
    targets = ("orders",)
    magnitudes = (0.5, 2.0)
    scale = "more orders: the last 120 at 1"

    def causes(self, target: str) -> tuple[Cause, ...]:
        return (Cause(target="curated_orders", kind=self.kind),)

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        until = int((await surgery.command(target, "newest"))["id"]) + AHEAD
        after = max(0, until - round(120 * magnitude))
        await surgery.wish(target, feed={"replay": {"after": after, "until": until, "times": 1}})
        return Marks(until=until)

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.wish(target, feed={})
        with suppress(ValueError):  # a repair was here before
            name = number(f"{self.name}/{marks['until']}")
            await surgery.command("transform", "deduplicate", quarantine=name)


FAULT = DuplicatedData()
