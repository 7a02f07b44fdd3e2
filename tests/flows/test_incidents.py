"""An incident's life, on a real Temporal server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from chimera.domain import Diagnosis, Incident, IncidentUpdate, NotFound, Phase, Principal, Trust
from chimera.flows.incident import IncidentWorkflow
from chimera.flows.incident_steps import proof_of
from tests.flows.company import Company, company, finding, incident, symptom, until
from tests.flows.test_orders import ANA, BOB, Sick


async def news(handle: Any, of: Incident, **changes: Any) -> None:
    update = IncidentUpdate(incident=of, at=datetime.now(UTC), **changes)
    await handle.signal(IncidentWorkflow.update, update)


async def phase(shop: Company, incident_id: str) -> Phase:
    return (await shop.store.incident(incident_id)).phase


async def test_from_symptom_to_lesson(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        shop.diagnoses = [Diagnosis(findings=(finding(),), summary="release 2.0 of pay")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: shop.hands.calls)
        await news(handle, trouble, quiet=True)
        ended = await handle.result()
        assert ended.phase is Phase.RESOLVED
        await until(lambda: "resolved" in shop.inbox.kinds())
        assert shop.inbox.kinds() == ["opened", "update", "outcome", "resolved"]
        lesson = await shop.store.postmortem(trouble.id)
        assert lesson
        assert "roll_back_release on pay" in lesson
        assert "applied" in lesson


async def test_a_good_repair_is_not_undone_for_the_trouble_of_another_cause(
    client: Client, tmp_path: Path
) -> None:
    cures = {"web": "set_configuration", "step": "set_release"}
    async with company(client, tmp_path) as shop:
        shop.health = lambda asked: (  # type: ignore[assignment]
            "healthy" if cures[asked.service] in shop.hands.calls else "sick"
        )
        one = finding("revert_configuration", elsewhere=("step",))
        two = finding(elsewhere=("web",))
        shop.diagnoses = [Diagnosis(findings=(one, two), summary="two troubles")]
        both = (symptom(), symptom().model_copy(update={"service": "step"}))
        trouble = incident(symptoms=both)
        handle = await shop.live(trouble)
        await until(lambda: "set_release" in shop.hands.calls)
        await news(handle, trouble, quiet=True)
        await handle.result()
        assert shop.hands.calls == ["set_configuration", "set_release"]


async def test_after_a_proved_repair_only_what_is_still_abnormal_is_worked_on(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        # Another suspect, elsewhere; but all that still shows is what the repair was for.
        idle = finding("revert_configuration", target="idle", reach=("idle", "board"))
        shop.diagnoses = [
            Diagnosis(findings=(finding(reach=("pay", "web"), elsewhere=("board",)),), summary="a"),
            Diagnosis(findings=(idle,), summary="b"),
        ]
        trouble = incident()
        handle = await shop.live(trouble)
        await news(handle, trouble, showing=("web",), hurting=("web",))
        await until(lambda: "page" in shop.inbox.kinds())
        assert shop.hands.calls == ["set_release"]
        assert len(await shop.store.orders()) == 1
        await news(handle, trouble, quiet=True, showing=())
        assert (await handle.result()).phase is Phase.RESOLVED


async def test_a_repair_that_cannot_be_done_here_gives_way_to_the_next(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        unknown = {"service": "pay", "key": "nobody-knows", "value": "5"}
        first, second = finding("revert_configuration", parameters=unknown), finding()
        shop.diagnoses = [Diagnosis(findings=(first, second), summary="two changes")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: "set_release" in shop.hands.calls)
        await news(handle, trouble, quiet=True)
        await handle.result()
        orders = [
            (o.outcome.status, o.outcome.unfit) for o in await shop.store.orders() if o.outcome
        ]
        assert sorted(orders) == [("applied", False), ("refused", True)]


async def test_the_less_invasive_repair_is_undone_before_the_next(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        first, second = finding("revert_configuration"), finding()
        shop.diagnoses = [Diagnosis(findings=(first, second), summary="two changes")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: "set_release" in shop.hands.calls)
        await news(handle, trouble, quiet=True)
        await handle.result()
        assert shop.hands.calls == ["set_configuration", "set_configuration", "set_release"]
        undone = [e.arguments["value"] for e in shop.hands.done.values() if "value" in e.arguments]
        assert undone == ["50", "5"]


async def test_a_blip_ends_without_an_order(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.diagnoses = [Diagnosis(findings=(finding(),), summary="x")]
        trouble = incident()
        handle = await shop.live(trouble)
        await news(handle, trouble, quiet=True)
        ended = await handle.result()
        assert ended.close_code == "Closed/Resolved by Caller"
        assert shop.hands.calls == []


async def test_no_finding_and_no_runbook_go_to_a_person(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.diagnoses = [Diagnosis(findings=(finding(None),), summary="the bank is down")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: "page" in shop.inbox.kinds())
        await until(lambda: phase_is(shop, trouble.id, Phase.HANDED_OVER))
        await shop.desk.acknowledge(trouble.id, BOB)
        await shop.desk.resolve(trouble.id, BOB, "the bank is back")
        ended = await handle.result()
        events = [e.text for e in await shop.store.events(trouble.id)]
        assert ended.acknowledged_by == "bob"
        assert "resolved by bob: the bank is back" in events


async def test_what_is_handed_to_somebody_is_repaired_no_further(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.diagnoses = [Diagnosis(summary="no signal tells why")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: phase_is(shop, trouble.id, Phase.INVESTIGATING))
        assert await shop.desk.hand_over(trouble.id, "", "it is ours", BOB) == "bob"
        with pytest.raises(NotFound, match="called 'nobody'"):
            await shop.desk.hand_over(trouble.id, "nobody", "", BOB)
        await until(lambda: phase_is(shop, trouble.id, Phase.HANDED_OVER))

        async def told() -> bool:
            events = await shop.store.events(trouble.id)
            return "taken over by bob: it is ours" in [event.text for event in events]

        await until(told)
        assert shop.hands.calls == []
        await shop.desk.resolve(trouble.id, BOB, "done")
        assert (await handle.result()).acknowledged_by == "bob"


async def test_a_denied_order_hands_over(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        shop.health = lambda _: "sick"
        shop.diagnoses = [Diagnosis(findings=(finding(),), summary="release")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: "approval" in shop.inbox.kinds())
        await shop.desk.answer(f"{trouble.id}/1", "", False, "not during the sale", ANA)
        await until(lambda: "page" in shop.inbox.kinds())
        await shop.desk.resolve(trouble.id, ANA)
        await handle.result()
        assert shop.hands.calls == []


async def test_an_order_nobody_answers_is_withdrawn_when_it_heals(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        shop.health = lambda _: "sick"
        shop.diagnoses = [Diagnosis(findings=(finding(),), summary="release")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: "approval" in shop.inbox.kinds())
        await news(handle, trouble, quiet=True)
        await handle.result()
        outcome = (await shop.store.order(f"{trouble.id}/1")).outcome
        assert outcome
        assert "withdrawn" in outcome.reason


async def test_without_data_nothing_moves(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "sick"
        shop.diagnoses = [Diagnosis(findings=(finding(),), summary="release")]
        trouble = incident(no_data=True)
        handle = await shop.live(trouble)

        async def says_so() -> bool:
            return (await shop.store.incident(trouble.id)).no_data

        await until(says_so)
        assert shop.hands.calls == []
        await news(handle, trouble.model_copy(update={"no_data": False}))
        await until(lambda: shop.hands.calls)
        await shop.desk.resolve(trouble.id, Principal(id="ana", roles=("approver",)))
        await handle.result()


async def test_a_repair_in_the_dark_waits_for_data(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "no_data"
        shop.diagnoses = [Diagnosis(findings=(finding(),), summary="release")]
        trouble = incident()
        handle = await shop.live(trouble)
        await until(lambda: phase_is(shop, trouble.id, Phase.REPAIRING))
        await news(handle, trouble.model_copy(update={"no_data": True}))

        async def says_so() -> bool:
            return (await shop.store.incident(trouble.id)).no_data

        await until(says_so)
        assert shop.hands.calls == []
        shop.health = Sick(shop.hands, "set_release")  # type: ignore[assignment]
        await news(handle, trouble)
        await until(lambda: shop.hands.calls)
        await news(handle, trouble, quiet=True)
        await handle.result()


async def phase_is(shop: Company, incident_id: str, wanted: Phase) -> bool:
    return await phase(shop, incident_id) is wanted


def test_an_alert_proves_a_repair_only_where_nothing_else_tells() -> None:
    alert = symptom(signal="alert SloBurnsFast", query='ALERTS{alertname="SloBurnsFast"}')
    measured = symptom()
    assert proof_of((alert, measured)) == (measured,)
    assert proof_of((alert,)) == (alert,)
