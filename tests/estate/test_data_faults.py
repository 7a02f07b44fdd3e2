"""Faults of data are in the data: felt in the metrics in time, named by them, ended by their repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chimera.diagnosis.case import Verdict
from chimera.domain import Effect, PreconditionFailed, Unavailable
from chimera.sandbox.faults.catalogue import faults
from tests.estate.conftest import Estate, until
from tests.estate.recorder import Recorder

pytestmark = pytest.mark.xdist_group("estate")
FELT = 90.0  # seconds: two runs of each step take 25, and a busy machine longer
BEFORE = 10  # samples of a good day


@dataclass(frozen=True)
class Ill:
    """How a fault of data shows, and the effect that mends it."""

    step: str
    verb: str
    shows: dict[str, Callable[[float], bool]]  # metrics, any of which tells
    within: float = FELT
    magnitude: float = 1.0


ILLS = {
    "volume_drop": Ill(
        "transform",
        "quarantine_batch",
        {  # what the contract allows; the batch that stops it may be hollow in part, or only thin
            r'^dataset_null_share\{dataset="raw_orders"': lambda share: share > 0.05,
            r'^dataset_complete_share\{dataset="raw_orders"': lambda share: 0 < share < 0.8,
        },
    ),
    "duplicated_data": Ill(
        "transform", "deduplicate", {r"^dataset_duplicate_share": lambda share: share > 0.05}
    ),
    "late_data": Ill(
        "transform", "merge_late", {r"^dataset_late_rows": lambda orders: orders >= 40}
    ),
    "model_drift": Ill(
        "forecast",
        "retrain_model",
        {r"^model_prediction_drift": lambda drift: drift > 0.6},
        within=60.0,
        magnitude=1.5,
    ),
}


def told(verdict: Verdict) -> str:
    """Whom it suspects, to be read in a failure."""
    return ", ".join(f"{s.cause} ({s.confidence:g})" for s in verdict.suspects) or verdict.why


@pytest.mark.timeout(700)  # its own deadlines say first what was waited for
@pytest.mark.parametrize("name", ILLS)
async def test_it_shows_in_time_is_named_and_its_repair_ends_it(estate: Estate, name: str) -> None:
    ill, fault, hands = ILLS[name], faults()[name], estate.actuator()
    seen = Recorder(estate)

    async def shows() -> bool:
        return any([bad(await estate.total(ill.step, m)) for m, bad in ill.shows.items()])

    await estate.stocked(80)
    await seen.take(BEFORE)
    assert not await shows()
    assert seen.verdict().suspects == ()
    seen.onset = len(seen.samples)
    made = await estate.door.inject(name, magnitude=ill.magnitude)
    await until(shows, ill.within, f"{name} shows")
    await until(estate.exported(made["marks"].get("until", 0)), FELT, "all of it is there")

    async def named() -> bool:
        await seen.take()
        first = seen.verdict().suspects[:1]
        (cause,) = fault.causes(fault.targets[0])
        return [(s.target, s.kind) for s in first] == [(cause.target, cause.kind)]

    await until(named, 2 * FELT, lambda: f"{name} is named, but {told(seen.verdict())}")
    key = f"INC-{name}/1"
    effect = Effect.model_validate(
        {"key": key, "order_id": key, "verb": ill.verb, "target": ill.step}
    )

    async def mended() -> bool:
        try:
            await hands.perform(effect)
        except Unavailable:  # too few new orders to learn from: asked again, as a worker does
            return False
        return True

    await until(mended, 60, f"{ill.verb} is done")

    async def gone() -> bool:
        stopped = (await hands.state(ill.step)).details.get("blocked_batch")
        return not stopped and not await shows()

    await until(gone, FELT, f"{name} is over")
    if name != "model_drift":
        orders = estate.curated()  # read once: the pipeline goes on
        assert len(orders) == len(set(orders))


async def test_a_fault_that_is_cleared_leaves_nothing_behind(estate: Estate) -> None:
    await estate.stocked(20)
    await estate.door.inject("late_data")

    async def waiting() -> bool:
        return await estate.total("transform", r"^dataset_late_rows") >= 40

    await until(waiting, FELT, "late orders wait")
    await estate.door.clear("late_data")
    assert not await waiting()
    assert await estate.door.active() == []


async def test_nothing_is_put_right_where_nothing_is_wrong(estate: Estate) -> None:
    for verb, step in (
        ("quarantine_batch", "transform"),
        ("deduplicate", "transform"),
        ("merge_late", "transform"),
        ("retrain_model", "forecast"),
    ):
        effect = {"key": f"INC-calm-{verb}/1", "order_id": f"INC-calm-{verb}/1", "verb": verb}
        with pytest.raises((PreconditionFailed, Unavailable), match=step):
            await estate.actuator().perform(Effect.model_validate({**effect, "target": step}))
