"""The only door to change, on a real Temporal server."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowUpdateFailedError

from chimera.domain import Approval, Effect, NotAllowed, Principal, Refused, Trust, Unavailable
from chimera.runbooks.proof import Health, Proof
from chimera.runbooks.workflow import RunbookWorkflow
from tests.flows.company import SIGNER, company, order, plan_of, symptom, until

ANA = Principal(id="ana", roles=("approver",))
BOB = Principal(id="bob", roles=("operator", "approver"))
EVE = Principal(id="eve", roles=("viewer",))


class Sick:
    """Sick until the actuator has done one of these."""

    def __init__(self, hands: object, *cures: str) -> None:
        self.hands, self.cures = hands, cures

    def __call__(self, _: object) -> str:
        calls = self.hands.calls  # type: ignore[attr-defined]
        return "healthy" if calls and calls[-1] in self.cures else "sick"


async def test_a_repair_that_helps_is_applied_once(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "set_release")
        outcome = await (await shop.run(order())).result()
        assert (outcome.status, shop.hands.calls) == ("applied", ["set_release"])
        assert shop.hands.release == "1.0"


async def test_a_repair_that_does_not_help_is_fenced_and_undone(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "sick"
        asked = order()
        outcome = await (await shop.run(asked)).result()
        assert outcome.status == "rolled_back"
        assert "errors of web" in outcome.reason
        assert shop.hands.release == "2.0"
        assert asked.mark in shop.hands.fenced
        spent = await shop.store.spent("shop", outcome.at)
        assert (spent.changes, spent.rollbacks) == (1, 1)


@pytest.mark.parametrize("blind", ["no_data", "no_traffic"])
async def test_without_data_nothing_is_closed_and_nothing_undone(
    client: Client, tmp_path: Path, blind: str
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: blind if shop.hands.calls else "sick"  # type: ignore[assignment,return-value]
        outcome = await (await shop.run(order())).result()
        assert outcome.status == "unverified"
        assert shop.hands.calls == ["set_release"]


async def test_what_has_no_way_back_fails_loudly(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "sick"
        asked = order(runbook="restart_service", parameters={"service": "pay"})
        outcome = await (await shop.run(asked)).result()
        assert outcome.status == "failed"
        assert "no way back" in outcome.reason


async def test_what_healed_meanwhile_is_left_alone(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        outcome = await (await shop.run(order())).result()
        assert outcome.status == "refused"
        assert "no longer needed" in outcome.reason
        assert shop.hands.calls == []


@pytest.mark.parametrize("answers", [("healthy", "no_traffic"), ("no_traffic",), ("no_data",)])
async def test_nothing_is_changed_where_nothing_is_sick_and_not_all_is_known(
    answers: tuple[Health, ...],
) -> None:
    said = iter(answers)

    async def check(*_: object) -> Health:
        return next(said)

    asked = order(symptoms=tuple(symptom() for _ in answers))
    with pytest.raises(Unavailable, match="still needed"):
        await Proof(check, 0.1, 1, 1).still_needed(asked)


async def test_another_stores_order_of_the_same_id_is_another_order(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "set_release")
        theirs, ours = order(incident="INC-1"), order(incident="INC-1", reason="found again")
        assert theirs.id == ours.id
        key = theirs.mark
        before = {"key": key, "order_id": key, "verb": "restart", "target": "web"}
        await shop.hands.perform(Effect.model_validate(before))
        await shop.hands.fence(key)
        outcome = await (await shop.run(ours)).result()
        assert (outcome.status, shop.hands.calls) == ("applied", ["restart", "set_release"])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"runbook": "format_disk"}, "no such runbook"),
        ({"parameters": {"service": "pay"}}, "release"),
        ({"parameters": {"service": "pay", "release": "2.0", "force": "yes"}}, "force"),
        ({"target": "web"}, "target"),
        ({"parameters": {"service": "pay", "release": "1.9"}}, "not 1.9"),
        ({"parameters": {"service": "pay", "release": "2.0", "back_to": "0.9"}}, "not to 0.9"),
        ({"environment": "elsewhere"}, "observe"),
        ({"runbook": "clean_disk", "parameters": {"service": "pay"}}, "does not allow"),
    ],
)
async def test_a_wrong_order_changes_nothing(
    client: Client, tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "sick"
        outcome = await (await shop.run(order(**changes))).result()
        assert outcome.status in ("refused", "proposed")
        assert why in outcome.reason
        assert shop.hands.calls == []


async def test_an_order_that_chimera_did_not_sign_is_refused(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "sick"
        genuine = order()
        forged = genuine.model_copy(update={"parameters": {"service": "pay", "release": "1.0"}})
        for bad in (order(signed=False), forged):
            outcome = await (await shop.run(bad)).result()
            assert outcome.status == "refused"
            assert "not signed" in outcome.reason
        assert shop.hands.calls == []


async def test_a_genuine_order_run_by_another_workflow_is_refused(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        shop.health = lambda _: "sick"
        genuine = order()
        handle = await shop.run(genuine)
        await until(lambda: "approval" in shop.inbox.kinds())
        evil = await client.execute_workflow(
            RunbookWorkflow.run, genuine, id="evil", task_queue=shop.queue
        )
        assert "not its own" in evil.reason
        record = await shop.store.order(genuine.id)
        assert (record.state, record.outcome) == ("waiting", None)
        await shop.desk.answer(genuine.id, await plan_of(shop, genuine.id), False, "", ANA)
        assert (await handle.result()).status == "refused"
        again = await shop.run(genuine)  # a finished order is no ticket for another ride
        assert "ended already" in (await again.result()).reason
        assert shop.hands.calls == []


@pytest.mark.parametrize("broken", [Refused("Prometheus answered 401"), RuntimeError("a bug")])
async def test_without_proof_nothing_is_undone(
    client: Client, tmp_path: Path, broken: Exception
) -> None:
    async with company(client, tmp_path) as shop:

        def health(_: object) -> str:
            if not shop.hands.calls:
                return "sick"
            raise broken

        shop.health = health  # type: ignore[assignment]
        handle = await shop.run(order())
        if isinstance(broken, RuntimeError):
            await until(lambda: shop.hands.calls)
            await handle.cancel()
        else:
            assert (await handle.result()).status == "unverified"
        assert shop.hands.release == "1.0"


async def test_a_person_decides_where_policy_asks(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        shop.health = Sick(shop.hands, "set_release")
        asked = order()
        handle = await shop.run(asked)
        await until(lambda: "approval" in shop.inbox.kinds())
        question = shop.inbox.notices[0]
        with pytest.raises(NotAllowed, match="role"):
            await shop.desk.answer(asked.id, question.plan_hash or "", True, "", EVE)
        with pytest.raises(Refused, match="not the one that was shown"):
            await shop.desk.answer(asked.id, "0" * 64, True, "", ANA)
        assert shop.hands.calls == []
        await shop.desk.answer(asked.id, question.plan_hash or "", True, "go", ANA)
        outcome = await handle.result()
        assert (outcome.status, outcome.approved_by) == ("applied", "ana")


async def test_a_forged_approval_is_refused(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        shop.health = lambda _: "sick"
        asked = order()
        handle = await shop.run(asked)
        await until(lambda: "approval" in shop.inbox.kinds())
        plan_hash = shop.inbox.notices[0].plan_hash or ""
        forged = Approval(
            order_id=asked.id,
            approver="ana",
            roles=("approver",),
            granted=True,
            plan_hash=plan_hash,
            at=asked.created,
            expires=asked.expires,
        )
        eve = SIGNER.sign(forged.model_copy(update={"granted": False}))
        for bad in (forged, forged.model_copy(update={"signature": eve.signature})):
            with pytest.raises(WorkflowUpdateFailedError):
                await handle.execute_update(RunbookWorkflow.answer, bad)
        await shop.desk.answer(asked.id, plan_hash, False, "not now", ANA)
        outcome = await handle.result()
        assert outcome.status == "refused"
        assert "ana denied it: not now" in outcome.reason
        assert shop.hands.calls == []


async def test_who_asked_may_not_approve(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = Sick(shop.hands, "restart")
        asked = await shop.desk.run_runbook(
            "restart_service", {"service": "pay"}, "pay", "it hangs", BOB
        )
        handle = client.get_workflow_handle(await shop.store.prefix() + asked.id)
        await until(lambda: "approval" in shop.inbox.kinds())
        with pytest.raises(NotAllowed, match="asked for this order"):
            await shop.desk.answer(asked.id, await plan_of(shop, asked.id), True, "", BOB)
        await shop.desk.answer(asked.id, await plan_of(shop, asked.id), True, "", ANA)
        outcome = await handle.result()
        # Nothing says whether a person's own order helped: it is done, and a person looks.
        assert outcome["status"] == "unverified"
        assert shop.hands.calls == ["restart"]


async def test_a_pause_holds_from_the_next_read(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path) as shop:
        shop.health = lambda _: "sick"
        await shop.desk.pause("shop", "deploy day", BOB)
        outcome = await (await shop.run(order())).result()
        assert outcome.status == "refused"
        assert "paused" in outcome.reason
        with pytest.raises(NotAllowed):
            await shop.desk.resume("shop", EVE)
        await shop.desk.resume("shop", BOB)
        assert (await shop.desk.status())["paused"] == []


async def test_budget_and_rollbacks_lower_the_trust(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, changes_per_hour=3, rollbacks_before_ask=2) as shop:
        shop.health = lambda _: "sick"
        for _ in range(2):
            assert (await (await shop.run(order())).result()).status == "rolled_back"
            await shop.desk.restore_trust("roll_back_release", "shop", ANA)
        asked = order()
        handle = await shop.run(asked)
        await until(lambda: "approval" in shop.inbox.kinds())
        assert "rolled back within the hour" in shop.inbox.notices[-1].fields["Why it asks"]
        await shop.desk.answer(asked.id, await plan_of(shop, asked.id), True, "", ANA)
        assert (await handle.result()).status == "rolled_back"
        outcome = await (await shop.run(order())).result()
        assert outcome.status == "refused"
        assert "budget" in outcome.reason


async def test_observing_changes_nothing(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, trust=Trust.OBSERVE) as shop:
        shop.health = lambda _: "sick"
        outcome = await (await shop.run(order(symptoms=(symptom(), symptom())))).result()
        assert outcome.status == "proposed"
        assert shop.hands.calls == []
