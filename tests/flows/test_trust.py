"""Trust goes down by itself and comes back by a person; what is refused is in the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from chimera.domain import (
    Diagnosis,
    Evidence,
    FaultKind,
    Finding,
    NotAllowed,
    NotFound,
    Principal,
    Refused,
    StepDown,
    Trust,
)
from tests.flows.company import SIGNER, Company, company, incident, order, plan_of, until

ANA = Principal(id="ana", roles=("approver",))
BOB = Principal(id="bob", roles=("operator", "approver"))
EVE = Principal(id="eve", roles=("viewer",))


async def rolled_back(shop: Company, **changes: Any) -> StepDown:
    """An order of Chimera's own that did not help; what trust it left."""
    shop.store.seal_audit(SIGNER.seal)
    shop.health = lambda _: "sick"
    outcome = await (await shop.run(order(**changes))).result()
    assert outcome.status == "rolled_back"
    down = await shop.store.stepped_down("shop", "roll_back_release")
    assert down is not None
    return down


async def actions(shop: Company, **which: Any) -> list[str]:
    return [row.action for row in reversed(await shop.store.audited(**which))]


async def test_a_rollback_steps_down_and_a_person_restores(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shown = incident()
        await shop.store.save_incident(shown)
        down = await rolled_back(shop, incident=shown.id)
        assert down.level is Trust.ASK
        assert "chimera trust restore roll_back_release" in str(down)
        assert str(down) in [event.text for event in await shop.store.events(shown.id)]

        plan, asked = await waits(shop)
        with pytest.raises(NotAllowed, match="approver"):
            await shop.desk.restore_trust("roll_back_release", "shop", EVE)
        await shop.desk.restore_trust("roll_back_release", "shop", ANA, "the release is mended")
        with pytest.raises(NotFound):
            await shop.desk.restore_trust("roll_back_release", "shop", ANA)
        await shop.desk.answer(asked, plan, False, "", ANA)

        acted = await (await shop.run(order())).result()
        assert acted.decision is not None
        assert acted.decision.verdict == "act"
        assert [a for a in await actions(shop) if a.startswith(("trust", "restore"))] == [
            "trust.stepped_down", "restore_trust.refused", "trust.restored",
            "restore_trust.refused", "trust.stepped_down",
        ]  # fmt: skip
        assert (await shop.store.verify_audit()).broken is None


async def waits(shop: Company) -> tuple[str, str]:
    """The plan and the id of an order that asks although the settings say `act`."""
    handle = await shop.run(asked := order())

    async def waiting() -> bool:
        view = await handle.query("view")
        return bool(view["state"] == "waiting")

    await until(waiting)
    view = await handle.query("view")
    assert "went down to ask" in view["decision"]["reason"]
    return await plan_of(shop, asked.id), asked.id


async def test_a_persons_order_that_is_undone_costs_no_trust(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "sick"
        handle = await shop.run(asked := order(requested_by="bob"))
        await until(lambda: waiting_in(shop, asked.id))
        await shop.desk.answer(asked.id, await plan_of(shop, asked.id), True, "", ANA)
        assert (await handle.result()).status == "rolled_back"
        assert await shop.store.step_downs() == []


async def waiting_in(shop: Company, name: str) -> bool:
    return name in [r.order.id for r in await shop.store.orders(state="waiting")]


async def test_a_veto_steps_down_once_for_each_person(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, trust=Trust.ADVISE) as shop:
        seen = Evidence(id="e", tool="t", claim="c", query="q")
        finding = Finding(
            cause="release 2.0 of pay", target="pay", kind=FaultKind.RELEASE, confidence=0.9,
            evidence=(seen,), runbook="roll_back_release",
        )  # fmt: skip
        shown = incident(diagnosis=Diagnosis(summary="s", findings=(finding,)))
        await shop.store.save_incident(shown)
        shop.health = lambda _: "sick"
        outcome = await (await shop.run(order(incident=shown.id))).result()
        assert outcome.status == "proposed"
        shop.desk._level = lambda environment, runbook: Trust.ADVISE
        for _ in range(2):
            await shop.desk.veto(shown.id, BOB)
        (down,) = await shop.store.step_downs()
        assert (down.level, down.causes) == (Trust.OBSERVE, (f"veto/{shown.id}/bob",))


async def test_what_people_are_refused_is_in_the_log(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        shop.health = lambda _: "sick"
        handle = await shop.run(asked := order(requested_by="bob"))
        await until(lambda: waiting_in(shop, asked.id))
        plan = await plan_of(shop, asked.id)
        with pytest.raises(NotAllowed, match="asked for this order"):
            await shop.desk.answer(asked.id, plan, True, "", BOB)
        with pytest.raises(NotAllowed):
            await shop.desk.answer(asked.id, plan, True, "", EVE)
        with pytest.raises(Refused, match="plan"):
            await shop.desk.answer(asked.id, "0" * 64, True, "", ANA)
        with pytest.raises(NotAllowed):
            await shop.desk.pause("shop", "", EVE)
        await shop.desk.answer(asked.id, plan, False, "no", ANA)
        assert (await handle.result()).denied_by == "ana"
        told = [(r.who, r.action) for r in reversed(await shop.store.audited())]
        assert [one for one in told if "answer" in one[1] or "pause" in one[1]] == [
            ("bob", "answer.refused"), ("eve", "answer.refused"), ("ana", "answer.refused"),
            ("eve", "pause.refused"), ("ana", "answer.denied"),
        ]  # fmt: skip


async def test_a_whole_repair_is_told_step_by_step(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "healthy" if shop.hands.calls else "sick"
        outcome = await (await shop.run(asked := order(evidence=("metrics:1",)))).result()
        assert outcome.status == "applied"
        rows = [row for row in reversed(await shop.store.audited()) if row.object == asked.id]
        assert [(row.action, row.details.get("asked", "")) for row in rows] == [
            ("order.placed", ""),
            ("order.planned", ""),
            ("order.decided", "at the start"),
            ("order.decided", "before it ran"),
            ("order.began", ""),
            ("order.decided", "before the change"),
            ("order.ended", ""),
        ]
        assert rows[0].details["evidence"] == ["metrics:1"]
        assert {row.incident for row in rows} == {asked.incident}
        assert {row.who for row in rows} == {"chimera", "policy"}
