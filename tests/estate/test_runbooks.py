"""Every runbook there is, on the real controller: twice is once, and the way back leads back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import chimera.runbooks
from chimera.domain import Order, TargetState, Unavailable
from chimera.domain.discovery import discover
from chimera.runbooks.base import Runbook
from chimera.runbooks.proof import Health, Proof
from tests.estate.conftest import Estate, until

pytestmark = pytest.mark.xdist_group("estate")
RUNBOOKS: dict[str, type[Runbook[Any]]] = {
    name: kind
    for name, kind in discover(chimera.runbooks, Runbook, key=lambda kind: kind.card.name).items()
    if kind.card.touches
    == "estate"  # the others are tried on a store: tests/flows/test_alerting.py
}


@dataclass(frozen=True)
class Case:
    """Where a runbook is tried, after which fault, and with which parameters."""

    target: str
    parameters: Callable[[TargetState], dict[str, str]] = field(default=lambda _: {})
    fault: str | None = None
    shows: Callable[[TargetState], bool] = field(default=lambda _: True)
    name: str = "service"
    at: str = ""  # the step that acts, where the target is a dataset
    soon: bool = True  # False: it takes more orders first, and is asked again until then

    @property
    def seen_at(self) -> str:
        return self.at or self.target


CASES = {
    "restart_service": Case("inventory"),
    "recycle_pool": Case("orders"),
    "scale_service": Case("inventory", lambda _: {"replicas": "2"}),
    "roll_back_release": Case("payments", lambda s: {"release": s.release}, "slow_release"),
    "revert_configuration": Case(
        "payments",
        lambda s: {
            "key": s.details["changed_key"],
            "value": s.configuration[s.details["changed_key"]],
        },
        "config_errors",
    ),
    "clean_disk": Case("inventory", fault="disk_fill", shows=lambda s: used(s) > 0.15),
    "skip_poison_record": Case(
        "transform",
        fault="poison_record",
        shows=lambda s: bool(s.details.get("blocked_records")),
        name="step",
    ),
    "restore_credential": Case("payments"),
    "quarantine_batch": Case(
        "raw_orders",
        fault="volume_drop",
        shows=lambda s: bool(s.details.get("blocked_batch")),
        name="dataset",
        at="transform",
    ),
    "deduplicate_dataset": Case(
        "curated_orders",
        fault="duplicated_data",
        shows=lambda s: s.details["duplicate_rows"] != "0",
        name="dataset",
        at="transform",
    ),
    "reprocess_late": Case(
        "curated_orders",
        fault="late_data",
        shows=lambda s: int(s.details["late_rows"]) >= 40,
        name="dataset",
        at="transform",
    ),
    "retrain_model": Case(
        "forecast",
        fault="model_drift",
        shows=lambda s: float(s.details["model_drift"]) > 0.6,  # a half-changed stream is refused
        name="step",
        soon=False,
    ),
}


def used(state: TargetState) -> float:
    return float(state.details["disk_used_bytes"]) / float(state.details["disk_limit_bytes"])


def shape(state: TargetState) -> dict[str, Any]:
    """What a way back must restore."""
    return {
        **state.model_dump(include={"replicas", "release", "configuration"}),
        "blocked": bool(state.details.get("blocked_records") or state.details.get("blocked_batch")),
        "data": {
            key: state.details.get(key) for key in ("late_rows", "duplicate_rows", "model_version")
        },
        "full": round(used(state), 1),
    }


@pytest.mark.parametrize("name", sorted(RUNBOOKS))
async def test_twice_is_once_and_the_way_back_leads_back(name: str, estate: Estate) -> None:
    case = CASES[name]  # a new runbook needs its case here
    hands = estate.actuator()

    async def sick(*_: Any) -> Health:
        return "sick"

    async def reached(true: Callable[[TargetState], bool], what: str) -> None:
        async def there() -> bool:
            return true(await hands.state(case.seen_at))

        await until(there, 40, what)

    if case.fault:
        await estate.stocked(20)
        made = await estate.door.inject(case.fault, "" if case.at else case.target, 1.0)
        await reached(case.shows, f"{case.fault} shows")
        await until(estate.exported(made["marks"].get("until", 0)), 40, "all of it is there")
    state = await hands.state(case.seen_at)
    order = ordered(name, case, state)
    runbook = RUNBOOKS[name](hands, Proof(sick, 0.1, 1, 1))
    await runbook.precheck(order)
    before = shape(await hands.state(case.seen_at))

    async def applied() -> bool:
        try:
            await runbook.apply(order)
        except Unavailable:
            return case.soon and pytest.fail("it cannot be done now")
        return True

    await until(applied, 90, "it is done")
    await runbook.apply(order)
    ledger = [
        row for row in await hands.ledger() if row["order_id"] == order.mark and row["applied"]
    ]
    assert len(ledger) == 1
    if not runbook.card.reversible:
        return
    await reached(lambda s: shape(s) != before, "the change shows")
    await hands.fence(order.mark)
    await runbook.rollback(order)
    await runbook.rollback(order)
    await reached(lambda s: shape(s) == before, "it is as it was")


async def test_a_fenced_order_that_comes_late_changes_nothing(estate: Estate) -> None:
    hands = estate.actuator()
    case = CASES["scale_service"]
    order = ordered("scale_service", case, await hands.state(case.target))
    await hands.fence(order.mark)

    async def sick(*_: Any) -> Health:
        return "sick"

    await RUNBOOKS["scale_service"](hands, Proof(sick, 0.1, 1, 1)).apply(order)
    assert (await hands.state(case.target)).replicas == 1


def ordered(name: str, case: Case, state: TargetState) -> Order:
    now = datetime.now(UTC)
    key = f"INC-{uuid.uuid4().hex[:8]}"
    return Order(
        id=f"{key}/1",
        incident=key,
        attempt=1,
        runbook=name,
        parameters={
            case.name: case.target,
            **({"step": case.at} if case.at else {}),
            **case.parameters(state),
        },
        target=case.target,
        environment="practice",
        reason="a test",
        requested_by="chimera",
        created=now,
        expires=now + timedelta(hours=1),
    )
