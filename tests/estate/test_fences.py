"""A fence answers when nothing of the order is under way, and nothing of it can start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from aiohttp import web

from chimera.domain import Effect
from chimera.platform.actuators.processes import ProcessActuator
from chimera.sandbox.estate.afflictions import Afflictions
from chimera.sandbox.estate.controller import free_ports
from chimera.sandbox.estate.desired import Desired, Wiring
from chimera.sandbox.estate.doors import Tokens, application
from chimera.sandbox.estate.fleet import Fleet
from chimera.sandbox.estate.plant import Plant
from chimera.sandbox.estate.records import Records


@dataclass
class SlowFleet:
    """Processes that follow a wish only when the test lets them."""

    wiring: Wiring
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    followed: list[int] = field(default_factory=list)

    async def converge(self, wish: Desired) -> None:
        self.begun.set()
        await self.go.wait()
        self.followed.append(wish.replicas)

    async def tell(self, service: str, what: str, words: dict[str, Any]) -> list[Any]:
        return []


class Door(NamedTuple):
    """The controller's own API over real HTTP, with a slow fleet behind it."""

    hands: ProcessActuator
    fleet: SlowFleet
    records: Records

    async def is_up(self, order: str) -> None:
        """Wait until an order is fenced, whether or not the fence has answered."""
        async with asyncio.timeout(40):
            while not self.records.fenced(order):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    for name in ("run", "logs"):
        (tmp_path / name).mkdir()
    wiring = Wiring(home=tmp_path, seed=1, database="", day_seconds=600, ports={}, metrics_ports={})
    fleet, records = SlowFleet(wiring), Records(tmp_path / "controller.db")
    plant = Plant(records, cast(Fleet, fleet))
    tokens = Tokens(reader="r", actuator="a", faults="f")
    runner = web.AppRunner(application(plant, Afflictions(plant), tokens))
    await runner.setup()
    (port,) = free_ports(1)
    await web.TCPSite(runner, "127.0.0.1", port, shutdown_timeout=0.5).start()
    yield Door(ProcessActuator(f"http://127.0.0.1:{port}", "a"), fleet, records)
    fleet.go.set()
    await runner.cleanup()
    records.close()


def scaling(order: str, target: str = "payments", way: str = "") -> Effect:
    arguments = {"replicas": "1" if way else "2"}
    return Effect(key=order + way, order_id=order, verb="scale", target=target, arguments=arguments)


async def test_a_fence_waits_for_what_is_under_way_and_lets_nothing_start(
    door: Door,
) -> None:
    hands, fleet, _ = door
    applying = asyncio.create_task(hands.perform(scaling("INC-1/1")))
    await fleet.begun.wait()
    queued = asyncio.create_task(hands.perform(scaling("INC-1/1", way="#again")))
    fencing = asyncio.create_task(hands.fence("INC-1/1"))
    await door.is_up("INC-1/1")
    # Another target's lock is free: the fence alone keeps this one out.
    assert await hands.perform(scaling("INC-1/1", "storefront", "#more")) == {"fenced": "true"}
    await hands.fence("INC-2/1")  # whose order has nothing under way is fenced at once
    assert not fencing.done()
    assert not applying.done()
    fleet.go.set()
    await fencing
    assert fleet.followed == [2]  # the effect was whole before the fence answered
    assert await applying == {"replicas": "2", "previous_replicas": "1"}
    assert await queued == {"fenced": "true"}
    # A repetition tells what was done and touches nothing; the way back is open.
    assert await hands.perform(scaling("INC-1/1")) == await applying
    assert fleet.followed == [2]
    back = await hands.perform(scaling("INC-1/1", way="#rollback"))
    assert back == {"replicas": "1", "previous_replicas": "2"}
    assert fleet.followed == [2, 1]


async def test_a_caller_that_gave_up_does_not_free_the_fence(
    door: Door,
) -> None:
    hands, fleet, _ = door
    applying = asyncio.create_task(hands.perform(scaling("INC-3/1")))
    await fleet.begun.wait()
    applying.cancel()  # the reply is lost, the effect is not
    with pytest.raises(asyncio.CancelledError):
        await applying
    fencing = asyncio.create_task(hands.fence("INC-3/1"))
    await door.is_up("INC-3/1")
    await hands.fence("INC-4/1")  # every request that came before has been looked at
    assert not fencing.done()
    fleet.go.set()
    await fencing
    assert fleet.followed == [2]
