"""Who hears of what: silences, maintenance, flapping, votes, merge and split, end to end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from chimera.domain import (
    Matcher,
    NotAllowed,
    NotFound,
    Order,
    Phase,
    Planned,
    Priority,
    Refused,
    SignalKind,
)
from chimera.flows.grouper import Grouper
from chimera.flows.hearing import Wish
from chimera.flows.illustrating import Illustrating, notice_of
from chimera.flows.noise import noise
from chimera.flows.watching import Looked
from chimera.platform.settings import Freeze
from chimera.platform.store import OrderRecord
from chimera.platform.store.store import PICTURED
from tests.clock import just_now
from tests.flows.company import PACE, SHOP, Company, company, order, plan_of, until
from tests.flows.test_grouper import alert, anomaly
from tests.flows.test_orders import ANA, BOB, EVE


@pytest.fixture
async def shop(client: Client, tmp_path: Path) -> AsyncIterator[Company]:
    async with company(client, tmp_path) as here:
        yield here


async def tick(shop: Company, later: float = 0, **more: Any) -> None:
    grouper = Grouper(shop.store, shop.client, shop.queue, SHOP, PACE, "shop", **more)
    looked = Looked(at=datetime.now(UTC) + timedelta(seconds=later), series=10, active=1)
    await ActivityEnvironment().run(grouper.group, looked)


def wish(lasts: float = 3600, **matcher: Any) -> Wish:
    made = {name: tuple(value.split(",")) for name, value in matcher.items()}
    return Wish(matcher=Matcher.model_validate(made), lasts=lasts, reason="known noise")


async def ended(shop: Company, made: object) -> str:
    """Wait for an order's end; its status and reason."""
    assert isinstance(made, Order)

    async def over() -> bool:
        return (await shop.store.order(made.id)).outcome is not None

    await until(over)
    outcome = (await shop.store.order(made.id)).outcome
    assert outcome
    return f"{outcome.status}: {outcome.reason}"


async def test_a_short_silence_of_a_ticket_is_an_order_that_runs_at_once(shop: Company) -> None:
    made = await shop.desk.silence(wish(services="pay"), BOB)
    assert (await ended(shop, made)).startswith("applied")
    (silence,) = await shop.store.silences(datetime.now(UTC))
    assert (silence.by, silence.reason) == ("bob", "known noise")
    await shop.store.put_signals([anomaly(SignalKind.LATENCY, "up")])
    await tick(shop)
    assert await shop.store.incidents() == []
    (member,) = await shop.store.members()
    assert member.held == f"silence {silence.id}"
    assert "; holds 1 now" in (await shop.desk.hushed())[0]
    # What users feel goes through it: nobody named that signal.
    await shop.store.put_signals([alert(1, "pay")])
    await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.signals == 1
    assert any(silence.id in mark for mark in incident.marks)
    # It ends by itself, and what is still abnormal is heard of.
    await tick(shop, later=3601)
    assert (await shop.store.incident(incident.id)).signals == 2
    assert all(m.held is None for m in await shop.store.members())


async def test_a_silence_can_be_lifted_and_the_lifting_is_on_record(shop: Company) -> None:
    await ended(shop, await shop.desk.silence(wish(signals="latency"), BOB))
    (silence,) = await shop.store.silences(datetime.now(UTC))
    await shop.store.put_signals([anomaly(SignalKind.LATENCY, "up")])
    await tick(shop)
    with pytest.raises(NotAllowed):
        await shop.desk.lift(silence.id, EVE)
    assert (await ended(shop, await shop.desk.lift(silence.id, BOB))).startswith("applied")
    assert (await shop.store.silence(silence.id)).lifted_by == "bob"
    await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.leading == "latency"
    with pytest.raises(Refused, match="over already"):
        await shop.desk.lift(silence.id, BOB)


async def test_a_page_is_silenced_only_when_somebody_else_agrees(shop: Company) -> None:
    made = await shop.desk.silence(wish(services="web", signals="HighLatency"), BOB)
    assert isinstance(made, Order)
    await until(lambda: "approval" in shop.inbox.kinds())
    await shop.store.put_signals([alert(1)])
    assert await shop.store.silences() == []
    await shop.desk.answer(made.id, await plan_of(shop, made.id), True, "", ANA)
    assert (await ended(shop, made)).startswith("applied")
    await tick(shop)
    assert await shop.store.incidents() == []
    assert shop.inbox.kinds().count("opened") == 0
    spent = await shop.store.spent("shop", datetime.now(UTC))
    assert spent.changes == 0  # repairs keep their budget


async def test_a_silence_of_everything_or_forever_is_refused(shop: Company) -> None:
    for bad in (wish(), wish(services="*"), wish(lasts=90 * 86400, services="web")):
        with pytest.raises(Refused):
            await shop.desk.silence(bad, BOB)
    with pytest.raises(NotAllowed):
        await shop.desk.silence(wish(services="web"), EVE)


async def test_maintenance_opens_nothing_until_it_ends(shop: Company) -> None:
    planned = Planned(
        services=("pay",),
        begins=just_now() - timedelta(minutes=1),
        ends=just_now() + timedelta(hours=10),
        reason="upgrade",
    )
    await shop.store.put_signals([alert(1, "pay"), alert(2, "web", after=-3600)])
    await tick(shop, planned=(planned,))
    (incident,) = await shop.store.incidents()
    assert incident.services == ("web",)
    (held,) = await shop.store.members(held=True)
    assert held.held == "maintenance: upgrade"
    await tick(shop, later=10 * 3600 + 1, planned=(planned,))
    assert {m.held for m in await shop.store.members()} == {None}
    assert {m.service for m in await shop.store.members() if m.incident} == {"web", "pay"}


async def test_a_freeze_and_the_impact_are_shown_on_the_incident(shop: Company) -> None:
    freeze = Freeze(
        begins=just_now() - timedelta(days=1),
        ends=just_now() + timedelta(days=1),
        reason="sales day",
    )
    await shop.store.put_signals([alert(1)])

    async def burning() -> dict[str, float]:
        return {"web": 20.0}

    await tick(shop, freezes=(freeze,))
    (incident,) = await shop.store.incidents()
    assert incident.priority is Priority.P2
    assert incident.impact == "P2: web is tier 1; users feel it"
    assert "sales day" in incident.marks[0]
    await until(lambda: shop.inbox.notices)
    assert shop.inbox.notices[0].priority == "P2"
    await tick(shop, freezes=(freeze,), burning=burning)
    assert (await shop.store.incident(incident.id)).priority is Priority.P1
    await until(lambda: "Priority is P1 now" in [n.title for n in shop.inbox.notices])
    await tick(shop, burning=burning)
    await until(lambda: "Holds no longer" in [n.title for n in shop.inbox.notices])
    await tick(shop, burning=burning)
    assert [n.title for n in shop.inbox.notices].count("Priority is P1 now") == 1


async def test_an_alert_that_flaps_thirty_times_is_not_thirty_incidents(shop: Company) -> None:
    async def resolved() -> bool:
        return not await shop.store.incidents(open_only=True)

    for turn in range(30):
        await shop.store.put_signals([alert(1, after=10 * turn)])
        await tick(shop)
        await shop.store.put_signals([alert(1, after=10 * turn, ended=True)])
        await tick(shop)
        if turn < 2:  # not flapping yet: each ends like any other
            await until(resolved)
    incidents = await shop.store.incidents()
    assert len(incidents) == 3
    assert incidents[0].phase is not Phase.RESOLVED
    assert incidents[0].signals == 28
    assert "flapping: HighLatency of web began 20 times" in incidents[0].marks[0]


async def two(shop: Company) -> tuple[str, str]:
    """INC-1 about web, INC-2 about pay."""
    await shop.store.put_signals([alert(1), alert(2, "pay", after=3600)])
    await tick(shop)
    assert len(await shop.store.incidents()) == 2
    return "INC-1", "INC-2"


async def moving(shop: Company, wanted: Any) -> Any:
    """Let the grouper look while somebody waits for a move."""
    asked = asyncio.ensure_future(wanted)

    async def noted() -> bool:
        return asked.done() or bool(await shop.store.moves())

    await until(noted)
    await tick(shop)
    return await asked


async def test_merged_signals_are_all_there_and_both_records_say_so(shop: Company) -> None:
    one, other = await two(shop)
    moved = await moving(shop, shop.desk.merge(other, one, BOB))
    assert moved.incident == one

    async def left() -> bool:
        return (await shop.store.incident(other)).phase is Phase.RESOLVED

    await until(left)
    assert (await shop.store.incident(other)).merged_into == one
    assert (await shop.store.incident(one)).services == ("web", "pay")
    assert {m.incident for m in await shop.store.members()} == {one}

    def told(incident: str, text: str) -> bool:
        return any(n.incident == incident and text in n.text for n in shop.inbox.notices)

    await until(lambda: told(one, f"{other} was merged into this by bob"))
    await until(lambda: told(other, f"merged into {one}"))
    with pytest.raises(Refused, match="merged into INC-1"):
        await shop.desk.merge(other, one, BOB)


async def test_split_signals_get_an_incident_of_their_own_and_keep_it(shop: Company) -> None:
    await shop.store.put_signals([alert(1), alert(2, "pay")])
    await tick(shop)
    moved = await moving(shop, shop.desk.split("INC-1", "pay", BOB))
    assert moved.incident == "INC-2"
    assert (await shop.store.incident("INC-1")).services == ("web",)
    assert (await shop.store.incident("INC-2")).split_from == "INC-1"
    await shop.store.put_signals([alert(3, "pay", after=5), alert(4, after=5)])
    await tick(shop)
    assert {m.service: m.incident for m in await shop.store.members()} == {
        "web": "INC-1",
        "pay": "INC-2",
    }
    assert any("split off into INC-2" in e.text for e in await shop.store.events("INC-1"))
    for wrong in ("INC-1", "INC-2"):
        with pytest.raises(Refused):
            await shop.desk.split(wrong, "pay", BOB)


async def test_nothing_moves_while_an_order_runs_on_it(shop: Company) -> None:
    one, other = await two(shop)
    await shop.store.save_order(OrderRecord(order=order(incident=other), state="running"))
    with pytest.raises(Refused, match=f"order {other}/1 .* is running"):
        await shop.desk.merge(other, one, BOB)
    with pytest.raises(NotAllowed):
        await shop.desk.merge(other, one, EVE)
    assert len({m.incident for m in await shop.store.members()}) == 2


async def test_a_vote_counts_once_a_person_and_can_be_taken_back(shop: Company) -> None:
    await shop.store.put_signals([anomaly(SignalKind.CPU, "up"), alert(2, "web", after=-3600)])
    await tick(shop)
    for _ in range(3):
        swayed = await shop.desk.feedback("a", False, BOB)
    assert (swayed.not_useful, swayed.decades) == (1, 0.5)
    assert (await shop.desk.feedback("a", False, ANA)).decades == 1.0
    assert any("muted by feedback: cpu of pay" in line for line in await shop.desk.hushed())
    assert (await shop.desk.feedback("a", True, ANA)).decades == 0.0
    await shop.desk.unvote("a", ANA)
    assert [s.decades for s in await shop.desk.sways()] == [0.5]
    # A page is counted and stays what it is.
    page = next(i for i in await shop.store.incidents() if i.service == "web")
    for person in (BOB, ANA):
        assert (await shop.desk.feedback(page.id, False, person)).decades == 0.0
    with pytest.raises(NotAllowed):
        await shop.desk.feedback("a", False, EVE)
    with pytest.raises(NotFound):
        await shop.desk.feedback("nothing", False, BOB)


async def test_the_report_says_what_is_noise_and_when_it_cannot_tell(shop: Company) -> None:
    for turn in range(6):
        await shop.store.put_signals([alert(1, after=10 * turn, ended=False)])
        await tick(shop)
        await shop.store.put_signals([alert(1, after=10 * turn, ended=True)])
        await tick(shop)
    await shop.store.put_signals([anomaly(SignalKind.CPU, "up")])
    await tick(shop)
    members = await shop.store.members()
    incidents = await shop.store.incidents()
    since = just_now() - timedelta(days=7)
    report = noise(members, incidents, [], since, datetime.now(UTC))
    noisy, rare = report.rows
    assert (noisy.rule, noisy.fired, noisy.acted, noisy.page) == ("HighLatency", 6, 0, True)
    assert noisy.command == (
        "chimera silence add --signal HighLatency --service web --for 4h --reason noise"
    )
    assert "too little data" in rare.advice
    acted = [i.model_copy(update={"acknowledged_by": "bob"}) for i in incidents]
    assert noise(members, acted, [], since, datetime.now(UTC)).rows[0].advice == "keep"
    nothing = noise([], [], [], since, datetime.now(UTC))
    assert (nothing.rows, nothing.known_since) == ((), None)
    assert "too few" in nothing.remark


async def test_a_picture_of_what_is_new_is_sent_once_and_never_too_many(shop: Company) -> None:
    kinds = (SignalKind.LATENCY, SignalKind.ERRORS, SignalKind.CPU, SignalKind.MEMORY)

    async def look() -> None:
        await tick(shop, illustrating=Illustrating(shop.store, shop.client, shop.queue))

    async def sent() -> list[str]:
        (incident,) = await shop.store.incidents()
        names: list[str] = json.loads(await shop.store.get(PICTURED, incident.id) or "[]")
        for member in await shop.store.members(incident=incident.id):
            if member.signal in names:
                notice = notice_of(incident, member)
                name = f"{await shop.store.prefix()}{incident.id}-tell-{notice.id}"
                await shop.client.get_workflow_handle(name).result()
        return names

    await shop.store.put_signals([anomaly(kinds[0], "up", "a")])
    await look()
    await look()  # another worker
    assert await sent() == ["a"]
    rows = [anomaly(kind, "up", name) for kind, name in zip(kinds[1:], "bcd", strict=True)]
    await shop.store.put_signals([*rows, anomaly(SignalKind.TRAFFIC, "up", "more work")])
    await look()
    await look()
    assert await sent() == ["a", "b", "c"]
    assert "picture" not in shop.inbox.kinds(), "where no pictures are shown, nothing is said"
