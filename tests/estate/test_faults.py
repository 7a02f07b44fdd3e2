"""Every fault is real: its symptom shows in the metrics, and it can be taken back."""

from __future__ import annotations

import pytest

from chimera.domain import Effect, NotAllowed, NotFound, Refused
from chimera.sandbox.faults.catalogue import FaultDoor, faults
from tests.estate.conftest import Estate, until

pytestmark = pytest.mark.xdist_group("estate")
ERRORS, REQUESTS = r'^http_requests_total.*code="5', r"^http_requests_total"
TOOK, ANSWERED = r"^http_request_duration_seconds_sum", r"^http_request_duration_seconds_count"


async def test_every_fault_says_what_it_is() -> None:
    known = faults()
    assert len(known) >= 14
    for name, fault in known.items():
        told = fault.describe()
        assert told["name"] == name
        assert told["targets"]
        assert fault.magnitudes[0] <= 1.0 <= fault.magnitudes[1]
        assert set(told["causes"]) == set(fault.targets)


@pytest.mark.parametrize("target", ["payments", "inventory"])
async def test_a_wrong_setting_fails_requests_until_it_is_reverted(
    estate: Estate, target: str
) -> None:
    await estate.door.inject("config_errors", target, magnitude=2.0)

    async def failing() -> bool:
        return await estate.rise(target, ERRORS, REQUESTS) > 0.3

    await until(failing, 40, f"requests of {target} fail")
    state = await estate.actuator().state(target)
    effect = Effect(
        key=f"INC-1/{target}",
        order_id=f"INC-1/{target}",
        verb="set_configuration",
        target=target,
        arguments={
            "key": "work_timeout_ms",
            "value": state.previous_configuration["work_timeout_ms"],
        },
    )
    await estate.actuator().perform(effect)

    async def healed() -> bool:
        return await estate.rise(target, ERRORS, REQUESTS) == 0

    await until(healed, 40, f"{target} answers again")


async def test_a_slow_release_slows_callers_until_it_is_rolled_back(estate: Estate) -> None:
    await estate.door.inject("slow_release", "inventory", magnitude=1.5)

    async def slow() -> bool:
        return await estate.rise("inventory", TOOK, ANSWERED) > 0.6

    await until(slow, 40, "inventory is slow")
    state = await estate.actuator().state("inventory")
    assert state.release != "2.3.1"
    assert state.previous_release == "2.3.1"
    back = Effect(
        key="INC-2/1",
        order_id="INC-2/1",
        verb="set_release",
        target="inventory",
        arguments={"release": "2.3.1"},
    )
    assert (await estate.actuator().perform(back))["previous_release"] == state.release

    async def fast() -> bool:
        return await estate.rise("inventory", TOOK, ANSWERED) < 0.4

    await until(fast, 40, "inventory is fast again")


async def test_a_revoked_credential_outlives_a_restart_and_a_new_one_heals(estate: Estate) -> None:
    await estate.door.inject("revoked_credential", "payments")
    refused = r'^upstream_auth_failures_total\{upstream="bank"'

    async def locked_out() -> bool:
        return await estate.rise("payments", refused, REQUESTS) > 0.5

    await until(locked_out, 40, "the bank refuses")
    actuator = estate.actuator()
    restart = Effect(key="INC-3/1", order_id="INC-3/1", verb="restart", target="payments")
    await actuator.perform(restart)
    await until(locked_out, 40, "the bank refuses after a restart too")
    renew = Effect(key="INC-3/2", order_id="INC-3/2", verb="renew_credential", target="payments")
    assert (await actuator.perform(renew))["upstream"] == "bank"

    async def let_in() -> bool:
        return await estate.rise("payments", refused, REQUESTS) == 0

    await until(let_in, 40, "the bank accepts")


async def test_a_poison_record_stalls_a_step_until_it_is_set_aside(estate: Estate) -> None:
    actuator = estate.actuator()
    await estate.door.inject("poison_record", "transform")

    async def blocked() -> bool:
        return bool((await actuator.state("transform")).details.get("blocked_records"))

    await until(blocked, 40, "transform is blocked")
    restart = Effect(key="INC-4/1", order_id="INC-4/1", verb="restart", target="transform")
    await actuator.perform(restart)
    await until(blocked, 40, "a restart does not help")
    skip = Effect(key="INC-4/2", order_id="INC-4/2", verb="quarantine_record", target="transform")
    done = await actuator.perform(skip)

    async def moving() -> bool:
        return await estate.total("transform", r"^dataset_freshness_seconds") < 15

    await until(moving, 40, "curated orders are fresh again")
    undo = Effect(
        key="INC-4/2#rollback",
        order_id="INC-4/2",
        verb="restore_quarantine",
        target="transform",
        arguments={"quarantine": done["quarantine"]},
    )
    assert await actuator.perform(undo) == {"restored": "1"}
    await until(blocked, 40, "the record is back where it was")


async def test_a_leaking_pool_runs_dry_and_recycling_fills_it(estate: Estate) -> None:
    await estate.door.inject("pool_leak", "inventory", magnitude=4.0)

    async def dry() -> bool:
        return await estate.total("inventory", r"^pool_connections_in_use") >= 8

    await until(dry, 60, "the pool is empty")
    recycle = Effect(key="INC-5/1", order_id="INC-5/1", verb="recycle_pool", target="inventory")
    await estate.actuator().perform(recycle)

    async def full() -> bool:
        return await estate.total("inventory", r"^pool_connections_in_use") <= 3

    await until(full, 40, "the pool is full again")


async def test_a_full_disk_fails_writes_and_moving_old_logs_away_helps(estate: Estate) -> None:
    await estate.door.inject("disk_fill", "dashboard", magnitude=4.0)

    async def failing() -> bool:
        return await estate.rise("dashboard", ERRORS, REQUESTS, 4.0) > 0.5

    await until(failing, 90, "writes fail")
    actuator = estate.actuator()
    clean = Effect(key="INC-6/1", order_id="INC-6/1", verb="quarantine_files", target="dashboard")
    done = await actuator.perform(clean)
    assert int(done["bytes"]) > 20_000_000
    assert len(list((estate.home / "quarantine" / done["quarantine"]).iterdir())) > 1

    async def healed() -> bool:
        return await estate.rise("dashboard", ERRORS, REQUESTS, 4.0) == 0

    await until(healed, 40, "the dashboard writes again")


async def test_a_renamed_column_stops_transform_until_the_producer_is_rolled_back(
    estate: Estate,
) -> None:
    actuator = estate.actuator()
    await estate.door.inject("renamed_column", "orders")

    async def changed() -> bool:
        error = (await actuator.state("transform")).details.get("blocked_error", "")
        return "amount" in error

    await until(changed, 60, "transform misses the column")
    before = (await actuator.state("orders")).previous_release
    assert before is not None
    back = Effect(
        key="INC-7/1",
        order_id="INC-7/1",
        verb="set_release",
        target="orders",
        arguments={"release": before},
    )
    await actuator.perform(back)

    async def fresh() -> bool:
        return await estate.total("transform", r"^dataset_freshness_seconds") < 15

    await until(fresh, 60, "curated orders are fresh again")


async def test_the_fault_door_refuses_what_it_cannot_do(estate: Estate) -> None:
    with pytest.raises(NotFound, match="no fault"):
        await estate.door.inject("earthquake")
    with pytest.raises(Refused, match="cannot befall"):
        await estate.door.inject("pool_leak", "storefront")
    with pytest.raises(Refused, match="magnitudes"):
        await estate.door.inject("cpu_hog", "orders", magnitude=99)
    with pytest.raises(NotAllowed):
        await FaultDoor(estate.url, "may-act").inject("none")
