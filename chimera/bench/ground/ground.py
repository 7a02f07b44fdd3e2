"""The ground a bench stands on: its own stack, the bench's person, and a way back to a good day."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

import chimera.sandbox
from chimera.bench.ground.calm import Calm
from chimera.bench.ground.clock import Say, until
from chimera.bench.ground.controller import ControllerReader
from chimera.bench.ground.standins import StandIns
from chimera.bench.ground.web import Web
from chimera.domain import ChimeraError, Incident, Phase, Refused, Unavailable
from chimera.platform.catalog.estate import load_estate
from chimera.platform.store import OrderRecord, Store
from chimera.sandbox.faults.catalogue import FaultDoor
from chimera.sandbox.stack.homes import home_for
from chimera.sandbox.stack.layout import SCRAPE_SECONDS
from chimera.sandbox.stack.stack import Stack

SANDBOX = Path(chimera.sandbox.__file__).parent
HISTORY = SANDBOX / "history.om.xz"
HEARTBEAT = "chimera_last_detection_timestamp_seconds"
UNREST_SECONDS = 120.0  # in which a healed estate must be calm again
RUNNING_SECONDS = 150.0  # in which orders that had begun must end


class Ground:
    """Eyes: store, controller, stand-ins. Hands: the fault door, and a person who approves."""

    def __init__(self, stack: Stack, store: Store, say: Say) -> None:
        state = stack.describe()
        self.stack, self.store, self.say, self.state = stack, store, say, state
        self.interval = SCRAPE_SECONDS
        self.door = FaultDoor(state.urls["controller"], state.tokens["faults"])
        self.controller = ControllerReader(state.urls["controller"], state.tokens["reader"])
        self.estate = load_estate(SANDBOX / "estate.yaml")
        self.standins = StandIns(state.urls["standins"])
        self.prometheus = Web("Prometheus", state.urls["prometheus"])
        self._person = Web("Chimera's API", state.urls["api"], state.tokens["reviewer"])
        self._worker = f"http://127.0.0.1:{state.ports['worker_metrics']}"

    async def close(self) -> None:
        for part in (self.controller, self.standins, self.prometheus, self._person):
            await part.close()

    async def answer(self, record: OrderRecord, granted: bool = True) -> None:
        """Approve a waiting order as the bench's person, for exactly the plan on record."""
        plan_hash = record.plan.hash if record.plan else ""
        body = {"granted": granted, "note": "the bench's person", "plan_hash": plan_hash}
        # Somebody else, or time, may have answered in this very moment.
        with contextlib.suppress(Refused, Unavailable):
            await self._person.post(f"/api/v1/orders/{record.order.id}/answer", body)

    async def approve_all(self) -> None:
        for record in await self.store.orders(state="waiting"):
            await self.answer(record)

    async def look_began(self) -> float:
        """When detection last ended well, Unix seconds; 0 before the first time."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
                text = (await http.get(f"{self._worker}/metrics")).text
        except httpx.TransportError:
            return 0.0
        rows = (line.split() for line in text.splitlines() if line.startswith(HEARTBEAT))
        return max((float(row[-1]) for row in rows), default=0.0)

    async def warm_up(self, seconds: float) -> None:
        """Let detection see the healthy estate for so long. Raises Unavailable if it never looks."""
        if await until(self.look_began, 240.0, 1.0) is None:
            raise Unavailable(
                "detection", "begin within 240 s", f"the logs in {self.state.logs} say why"
            )
        await asyncio.sleep(seconds)

    async def good_day(self, reset: bool = True) -> bool:
        """Heal everything, wait until nothing is abnormal, close what is open, forget limits.

        Without `reset` the estate is left as the repair left it, which is quicker: a reset empties
        the pipeline's datasets. False when it was not calm within its deadline: the next case
        starts on shaky ground.
        """
        await self.door.clear("all")
        if reset:
            await self.door.reset()
        calm = await until(Calm(self.store).look, UNREST_SECONDS, 1.0)
        for incident in await self.store.incidents(open_only=True, limit=200):
            with contextlib.suppress(ChimeraError):
                note = {"note": "the bench's case is over"}
                await self._person.post(f"/api/v1/incidents/{incident.id}/resolve", note)
        closed = await until(self._closed, RUNNING_SECONDS, 1.0)
        await self.store.forget_limits()
        return bool(calm and closed)

    async def _closed(self) -> bool:
        await self.approve_all()
        running = await self.store.orders(state="running")
        return not running and not await self.store.incidents(open_only=True)

    async def since(self, known: set[str]) -> list[Incident]:
        """Incidents that were not there before, oldest first."""
        found = await self.store.incidents(limit=200)
        return sorted((i for i in found if i.id not in known), key=lambda i: i.opened)

    async def ids(self) -> set[str]:
        return {i.id for i in await self.store.incidents(limit=500)}


def over(incident: Incident) -> bool:
    """Chimera has done what it will do."""
    return incident.phase in (Phase.RESOLVED, Phase.HANDED_OVER)


@asynccontextmanager
async def standing(
    say: Say,
    home: Path | None = None,
    light: bool = False,
    seed: int = 1,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Ground]:
    """A stack of one's own, stopped at the end whatever happens.

    `settings` are overrides of Chimera's settings, `CHIMERA__SECTION__KEY`.
    """
    os.environ.update(settings or {})
    task = asyncio.current_task()
    assert task
    with home_for(home, "chimera-bench-") as place:
        history = HISTORY if HISTORY.is_file() else None
        stack = Stack(place, light, history=history, seed=seed)
        await stack.start(say)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            store = await Store.open(stack.describe().urls["store"])
            ground = Ground(stack, store, say)
            try:
                yield ground
            finally:
                await ground.close()
                await store.close()
        finally:
            asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
            say("stopping the stack")
            await stack.stop()
