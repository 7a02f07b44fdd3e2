"""The actuator's promises: once, fenced, remembered, and no process left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil
import pytest

from chimera.domain import Effect, NotAllowed, NotFound, PreconditionFailed, Unavailable
from chimera.platform.actuators.processes import ProcessActuator
from chimera.platform.catalog.estate import load_estate
from chimera.sandbox.estate.spec import SERVICES
from tests.estate.conftest import Estate, start, until

pytestmark = pytest.mark.xdist_group("estate")


def scaling(key: str, replicas: str) -> Effect:
    order, arguments = key.split("#")[0], {"replicas": replicas}
    return Effect(key=key, order_id=order, verb="scale", target="payments", arguments=arguments)


async def test_the_same_key_twice_is_one_effect(estate: Estate) -> None:
    actuator = estate.actuator()
    first, second = await asyncio.gather(
        actuator.perform(scaling("INC-10/1", "2")), actuator.perform(scaling("INC-10/1", "2"))
    )
    assert first == second == {"replicas": "2", "previous_replicas": "1"}
    assert (await actuator.state("payments")).replicas == 2
    assert await actuator.effects("INC-10/1") == {"INC-10/1": first}
    entries = [row for row in await actuator.ledger() if row["key"] == "INC-10/1"]
    assert [row["applied"] for row in entries] == [True]

    async def scraped() -> bool:
        return '"payments-1"' in (estate.home / "targets.json").read_text()

    await until(scraped, 40, "the second replica is a target")


async def test_a_fenced_order_changes_nothing_but_its_way_back_is_open(estate: Estate) -> None:
    actuator = estate.actuator()
    await actuator.fence("INC-11/1")
    assert await actuator.perform(scaling("INC-11/1", "3")) == {"fenced": "true"}
    assert (await actuator.state("payments")).replicas == 1
    assert await actuator.effects("INC-11/1") == {}
    assert (await actuator.perform(scaling("INC-11/1#rollback", "1")))["replicas"] == "1"


async def test_refusals_say_what_may_be_asked(estate: Estate) -> None:
    actuator = estate.actuator()
    with pytest.raises(PreconditionFailed, match="from 1 to 3"):
        await actuator.perform(scaling("INC-12/1", "9"))
    with pytest.raises(NotFound, match="operates no 'bank'"):
        await actuator.state("bank")
    with pytest.raises(NotAllowed):
        await estate.actuator("may-read").perform(scaling("INC-12/2", "2"))
    assert (await estate.actuator("may-read").state("orders")).release == "1.4.2"
    with pytest.raises(Unavailable):
        await ProcessActuator("http://127.0.0.1:9", "may-act").state("orders")


async def test_the_topology_names_what_runs() -> None:
    topology = load_estate(Path("chimera/sandbox/estate.yaml"))
    for name, spec in SERVICES.items():
        if spec.kind == "load":
            continue
        node = topology.node(name)
        assert node is not None
        assert set(spec.calls) <= set(node.calls)
    assert "sales_dashboard" in topology.felt_by("orders-db")


async def test_a_kill_of_the_controller_leaves_no_orphan_and_loses_no_effect(
    tmp_path: Path,
) -> None:
    estate = await start(tmp_path)
    done = await estate.actuator().perform(scaling("INC-13/1", "2"))
    children = psutil.Process(estate.process.pid).children(recursive=True)
    assert len(children) >= len(SERVICES)
    estate.process.kill()
    await estate.process.wait()

    async def gone() -> bool:
        return not any(
            child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children
        )

    await until(gone, 40, "every process of the estate is gone")
    again = await start(tmp_path)
    try:
        assert await again.actuator().effects("INC-13/1") == {"INC-13/1": done}
        assert (await again.actuator().state("payments")).replicas == 2
    finally:
        again.process.terminate()
        await asyncio.wait_for(again.process.wait(), 60)
