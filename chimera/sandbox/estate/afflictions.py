"""Faults that are active: injected, remembered over a restart, ended in time, cleared, reset."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
import uuid
from contextlib import suppress
from typing import Any

from chimera.domain import ChimeraError, Effect, NotFound
from chimera.sandbox.estate.plant import Plant, healthy
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.faults.base import Marks, Surgery
from chimera.sandbox.faults.catalogue import faults

Active = dict[str, Any]  # id, name, target, magnitude, began, ends, marks
CURES = ("restart", "set_release")  # a fresh process has none of the passing ailments


class Afflictions:
    """The other side of the fault door."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.surgery = Surgery(plant)
        self._active: dict[str, Active] = {}
        for text in plant.records.faults():
            fault = json.loads(text)
            self._active[fault["id"]] = fault

    def active(self) -> list[Active]:
        return [dict(fault) for fault in self._active.values()]

    async def inject(
        self, name: str, target: str, magnitude: float, duration: float | None, seed: int
    ) -> Active:
        """Break something for real. Raises NotFound, ValueError."""
        kinds = faults()
        if name not in kinds:
            raise NotFound(f"there is no fault {name!r}; there are {', '.join(sorted(kinds))}")
        kind = kinds[name]
        target = target or kind.targets[0]
        if target not in kind.targets:
            raise ValueError(f"{name} cannot befall {target!r}; it can: {', '.join(kind.targets)}")
        low, high = kind.magnitudes
        if not low <= magnitude <= high:
            raise ValueError(f"{name} has magnitudes from {low:g} to {high:g}, not {magnitude:g}")
        began = time.time()
        marks = await kind.inject(self.surgery, target, magnitude, seed)
        fault: Active = {
            "id": uuid.uuid4().hex[:12],
            "name": name,
            "target": target,
            "magnitude": magnitude,
            "began": began,
            "ends": began + (kind.duration if duration is None else duration),
            "marks": marks,
        }
        self._remember(fault)
        return fault

    async def clear(self, name: str) -> list[str]:
        """End faults by name or id, or all of them."""
        cleared = []
        for number, fault in list(self._active.items()):
            if name in ("all", fault["name"], number):
                await faults()[fault["name"]].clear(
                    self.surgery, fault["target"], Marks(fault["marks"])
                )
                self._forget(number)
                cleared.append(number)
        return cleared

    def acted(self, effect: Effect) -> None:
        """Forget what an effect has cured, so that a crash does not bring it back."""
        for number, fault in list(self._active.items()):
            passing = fault["marks"].get("ailment")
            pool = effect.verb == "recycle_pool" and passing == "pool"
            if passing and fault["target"] == effect.target and (effect.verb in CURES or pool):
                self._forget(number)

    async def returned(self, service: str) -> None:
        """A process died of its ailment and is back: so is the ailment, its cause is still there."""
        for fault in list(self._active.values()):
            marks = fault["marks"]
            if fault["target"] == service and marks.get("ailment"):
                await self.surgery.ail(service, marks["ailment"], marks["numbers"])

    async def watch(self) -> None:
        """End what has lasted long enough."""
        while True:
            for number, fault in list(self._active.items()):
                if fault["ends"] <= time.time():
                    with suppress(ChimeraError):
                        await self.clear(number)
            await asyncio.sleep(0.5)

    async def reset(self) -> None:
        """Back to a good day: versions, settings, replicas, disks, queues, the lake, the orders."""
        swollen = {  # freed memory does not always go back to the system
            fault["target"]
            for fault in self._active.values()
            if fault["marks"].get("ailment") == "memory"
        }
        await self.clear("all")
        plant = self.plant
        for name, spec in SERVICES.items():
            async with plant.locks[name]:
                now, good = plant.wish(name), healthy(spec)
                fresh = now.release != good.release or name in swollen
                kept = {
                    "generation": now.generation + (1 if fresh else 0),
                    "pool_generation": now.pool_generation,
                    "credential": now.credential,
                    "accepted": dict.fromkeys(now.accepted, 0.0),
                }
                plant.keep(good.model_copy(update=kept))
        home = plant.fleet.wiring.home
        for path in home.glob("data/*/dumps"):
            shutil.rmtree(path, ignore_errors=True)
        for path in home.glob("data/*/dumped"):
            path.unlink(missing_ok=True)
        await asyncio.gather(*(plant.fleet.converge(plant.wish(name)) for name in SERVICES))
        await plant.fleet.ask("orders", "empty", {})
        for step in ("ingest", "transform", "forecast"):
            await plant.fleet.tell(step, "command", {"name": "empty", "arguments": {}})

    def _remember(self, fault: Active) -> None:
        self._active[fault["id"]] = fault
        self.plant.records.keep_fault(fault["id"], json.dumps(fault))

    def _forget(self, number: str) -> None:
        self._active.pop(number, None)
        self.plant.records.drop_fault(number)
