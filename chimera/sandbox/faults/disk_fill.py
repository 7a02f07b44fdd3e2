"""A disk that fills with logs."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.faults.base import Fault, Marks, Surgery


class DiskFill(Fault):
    name = "disk_fill"
    summary = "Debug dumps fill the service's quota; a restart does not remove them."
    symptom = "Used disk climbs to the limit; then every write fails: errors, or a stalled step."
    kind = FaultKind.DISK
    repair = "clean_disk"
    targets = ("inventory", "orders", "payments", "storefront", "transform", "ingest", "dashboard")
    magnitudes = (0.6, 4.0)
    scale = "faster: full after about 90 s at 1"
    slow = True

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        limit = float(SERVICES[target].disk_limit)
        numbers = {"bytes": limit, "bytes_per_second": limit / 90.0 * magnitude}
        lasting = {**surgery.plant.wish(target).lasting, "dump": numbers}
        await surgery.wish(target, lasting=lasting)
        return {}

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        lasting = surgery.plant.wish(target).lasting
        await surgery.wish(target, lasting={k: v for k, v in lasting.items() if k != "dump"})
        for path in surgery.plant.fleet.wiring.home.glob(f"data/{target}-*"):
            for dump in [*path.glob("dumps/debug-*.log"), path / "dumped"]:
                dump.unlink(missing_ok=True)


FAULT = DiskFill()
