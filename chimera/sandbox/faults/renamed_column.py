"""A producer that calls a column by another name."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.faults.base import Cause, Fault, Marks, Surgery

RENAME = {"orders": ("amount", "total_amount"), "ingest": ("quantity", "qty")}


class RenamedColumn(Fault):
    name = "renamed_column"
    summary = "A new release of a producer renames a column that others read."
    symptom = "The raw dataset's schema changes; transform fails; what follows ages."
    kind = FaultKind.SCHEMA
    repair = "roll_back_release"
    targets = ("orders", "ingest")
    magnitudes = (0.2, 1.0)
    scale = "the share of records with the new name: all at 1"

    def causes(self, target: str) -> tuple[Cause, ...]:
        """Both are true: the release of the producer, and the schema it changed."""
        release = Cause(target=target, kind=FaultKind.RELEASE)
        return (Cause(target=target, kind=FaultKind.SCHEMA), release)

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        old, new = RENAME[target]
        renames = {"rename_from": old, "rename_to": new, "rename_share": f"{magnitude:g}"}
        return await surgery.deploy(target, renames)

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await surgery.undeploy(target, marks)


FAULT = RenamedColumn()
