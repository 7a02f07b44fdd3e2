"""What is left when a workflow is lost, or is late: nothing is forgotten, nothing done twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from chimera.domain import Diagnosis, Phase, Trust
from chimera.flows.heralds import ANEW
from chimera.platform.store import OrderRecord
from chimera.platform.store.records import OrderState
from tests.clock import just_now
from tests.flows.company import Company, company, finding, incident, order, plan_of, until
from tests.flows.test_grouper import alert, tick
from tests.flows.test_incidents import phase_is
from tests.flows.test_orders import ANA, BOB, Sick

FIRST = "INC-1/1"


@pytest.fixture
async def asking(client: Client, tmp_path: Path) -> AsyncIterator[Company]:
    async with company(client, tmp_path, trust=Trust.ASK) as here:
        yield here


async def an_order_that_waits(shop: Company, after: str) -> Any:
    """INC-1 and its first order, which waits for a person; the order's workflow."""
    answers = {
        "applied": Sick(shop.hands, "set_release"),
        "rolled_back": lambda _: "sick",
        "unverified": lambda _: "no_data" if shop.hands.calls else "sick",
    }
    shop.health = answers[after]  # type: ignore[assignment]
    two = (finding(), finding("revert_configuration"))
    shop.diagnoses = [Diagnosis(findings=two, summary="release 2.0 of pay")]
    await shop.store.put_signals([alert(1)])
    await tick(shop)
    await until(lambda: "approval" in shop.inbox.kinds())
    return shop.client.get_workflow_handle(await shop.store.prefix() + FIRST)


async def lose(shop: Company) -> None:
    handle = shop.client.get_workflow_handle(await shop.store.prefix() + "INC-1")
    await handle.terminate("by mistake")


async def approve(shop: Company) -> None:
    await shop.desk.answer(FIRST, await plan_of(shop, FIRST), True, "go", ANA)


async def texts(shop: Company) -> list[str]:
    return [event.text for event in await shop.store.events("INC-1")]


@pytest.mark.parametrize("outcome", ["applied", "rolled_back", "unverified"])
@pytest.mark.parametrize("ends", ["before the restart", "after it"])
async def test_a_workflow_started_again_takes_over_its_last_order(
    asking: Company, outcome: str, ends: str
) -> None:
    shop = asking
    waiting = await an_order_that_waits(shop, outcome)
    await lose(shop)
    if ends == "before the restart":
        await approve(shop)
        await waiting.result()
    await tick(shop, later=ANEW)

    async def waits_for_it() -> bool:
        return any(f"goes on with order {FIRST}" in text for text in await texts(shop))

    await until(waits_for_it)
    if ends == "after it":
        assert await phase_is(shop, "INC-1", Phase.REPAIRING)
        assert len(await shop.store.orders(incident="INC-1")) == 1
        await approve(shop)
    await until(lambda: f"{FIRST}-outcome" in [n.id for n in shop.inbox.notices])
    if outcome == "applied":
        await until(lambda: phase_is(shop, "INC-1", Phase.WATCHING))
        await lose(shop)  # what is told already is not told again, and not forgotten either
        await shop.store.put_signals([alert(1, ended=True)])
        await tick(shop, later=2 * ANEW)
        await until(lambda: phase_is(shop, "INC-1", Phase.RESOLVED))
        await until(lambda: "resolved" in shop.inbox.kinds())
        said = "repaired by roll_back_release on pay; every symptom is gone"
        assert said in await texts(shop)
    elif outcome == "rolled_back":
        await until(lambda: "INC-1/2-approval" in [n.id for n in shop.inbox.notices])
        assert (await shop.store.order("INC-1/2")).order.runbook == "revert_configuration"
    else:
        await until(lambda: f"{FIRST}-page" in [n.id for n in shop.inbox.notices])
        await until(lambda: phase_is(shop, "INC-1", Phase.HANDED_OVER))
        assert len(await shop.store.orders(incident="INC-1")) == 1
    assert shop.inbox.kinds().count("outcome") == 1
    assert sum(text.startswith(f"order {FIRST} (") for text in await texts(shop)) == 1
    done = (await shop.store.order(FIRST)).outcome
    assert done
    assert done.status == outcome


@pytest.mark.parametrize(("state", "status"), [("proposed", "applied"), ("running", "unverified")])
async def test_an_order_that_temporal_does_not_know_runs_only_if_it_never_began(
    client: Client, tmp_path: Path, state: OrderState, status: str
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        trouble = incident(phase=Phase.INVESTIGATING)
        left = order(incident=trouble.id)
        await shop.store.save_order(OrderRecord(order=left, state=state))
        await shop.live(trouble)
        await until(lambda: f"{left.id}-outcome" in [n.id for n in shop.inbox.notices])
        (record,) = await shop.store.orders(incident=trouble.id)
        assert record.outcome
        assert record.outcome.status == status
        assert shop.hands.calls == (["set_release"] if status == "applied" else [])


async def test_an_order_ended_from_outside_has_an_outcome_all_the_same(asking: Company) -> None:
    shop = asking
    waiting = await an_order_that_waits(shop, "applied")
    await waiting.terminate("by mistake")
    await until(lambda: phase_is(shop, "INC-1", Phase.HANDED_OVER))
    record = await shop.store.order(FIRST)
    assert record.state == "done"
    assert record.outcome
    assert record.outcome.status == "refused"
    assert "before it changed anything" in record.outcome.reason


async def test_what_begins_after_a_person_closed_it_is_a_new_incident(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        shop.diagnoses = [Diagnosis(findings=(finding(),), summary="release 2.0 of pay")]
        verified: list[str] = []
        shop.held = lambda: bool(shop.hands.calls) and not verified
        await shop.store.put_signals([alert(1)])
        await tick(shop)
        await until(lambda: shop.hands.calls)
        await shop.desk.resolve("INC-1", BOB, "a test of ours")
        since = (datetime.now(UTC) - just_now()).total_seconds()
        await shop.store.put_signals([alert(2, "pay", after=since + 0.01)])
        await tick(shop)
        assert (await shop.store.incident("INC-1")).signals == 2  # it is open for now
        verified.append("go on")
        handle = client.get_workflow_handle(await shop.store.prefix() + "INC-1")
        await handle.result()
        await tick(shop)
        assert {m.service: m.incident for m in await shop.store.members()} == {
            "web": "INC-1",
            "pay": "INC-2",
        }


async def test_a_record_that_missed_its_closing_is_closed_once(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        await shop.store.put_signals([alert(1)])
        await tick(shop)
        before = await shop.store.incident("INC-1")
        await shop.store.put_signals([alert(1, ended=True)])
        await tick(shop)
        await client.get_workflow_handle(await shop.store.prefix() + "INC-1").result()
        ended = await shop.store.incident("INC-1")
        await shop.store.save_incident(before)  # a database of yesterday
        since = (datetime.now(UTC) - just_now()).total_seconds()
        await shop.store.put_signals([alert(2, after=since)])
        await tick(shop)
        again = await shop.store.incident("INC-1")
        assert (again.phase, again.resolved, again.close_code) == (
            Phase.RESOLVED,
            ended.resolved,
            ended.close_code,
        )
        for _ in range(2):
            await tick(shop)
        assert [i.id for i in await shop.store.incidents(open_only=True)] == ["INC-2"]
        assert len([e for e in await shop.store.events("INC-1") if e.key == "resolved"]) == 1
        assert shop.inbox.kinds().count("resolved") == 1
