"""Answers that may not count: two at once, too late, for another order, to another plan."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from temporalio.client import Client, WorkflowUpdateFailedError

from chimera.domain import Approval, Order, Principal, Refused, Trust
from chimera.runbooks.workflow import RunbookWorkflow
from tests.flows.company import SIGNER, Company, company, order, plan_of, until

ANA = Principal(id="ana", roles=("approver",))
BEN = Principal(id="ben", roles=("approver",))
RESTART = {"runbook": "restart_service", "parameters": {"service": "pay"}, "symptoms": ()}


async def waiting(shop: Company) -> tuple[Order, str]:
    """An order that waits for an answer, and its plan's hash."""
    asked = order(**RESTART)
    await shop.run(asked)
    await until(lambda: asked.id in [n.order_id for n in shop.inbox.notices])
    return asked, await plan_of(shop, asked.id)


def approval(asked: Order, plan: str, ago: timedelta = timedelta(0)) -> Approval:
    """Signed by Chimera's sign-in, good for five minutes."""
    at = asked.created - ago
    return SIGNER.sign(
        Approval(
            order_id=asked.id,
            approver="ana",
            roles=("approver",),
            granted=True,
            plan_hash=plan,
            at=at,
            expires=at + timedelta(minutes=5),
        )
    )


async def test_of_two_answers_at_once_one_counts_and_the_other_is_told_and_logged(
    client: Client, tmp_path: Path
) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        asked, plan = await waiting(shop)
        with capture_logs() as lines:
            yes, no = await asyncio.gather(
                shop.desk.answer(asked.id, plan, True, "", ANA),
                shop.desk.answer(asked.id, plan, False, "", BEN),
                return_exceptions=True,
            )
        lost = [one for one in (yes, no) if isinstance(one, Refused)]
        assert len(lost) == 1
        assert asked.id in str(lost[0])
        assert [(one["order"], one["by"]) for one in lines if "refused" in one["event"]] == [
            (asked.id, "ben" if isinstance(no, Refused) else "ana")
        ]
        handle = client.get_workflow_handle(await shop.store.prefix() + asked.id)
        by = "approved_by" if no in lost else "denied_by"
        assert (await handle.result())[by] == ("ana" if no in lost else "ben")
        assert shop.hands.calls == (["restart"] if no in lost else [])


@pytest.mark.parametrize(
    ("ago", "change", "why"),
    [
        (timedelta(minutes=6), {}, "expired"),
        (timedelta(0), {"expires": timedelta(days=1)}, "altered"),
        (timedelta(0), {"approver": "ben"}, "altered"),
    ],
    ids=["expired", "longer life", "another's name"],
)
async def test_an_old_or_altered_answer_is_refused(
    client: Client, tmp_path: Path, ago: timedelta, change: dict[str, object], why: str
) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        asked, plan = await waiting(shop)
        given = approval(asked, plan, ago)
        if isinstance(more := change.get("expires"), timedelta):
            change = {"expires": given.expires + more}
        handle = client.get_workflow_handle(await shop.store.prefix() + asked.id)
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update(RunbookWorkflow.answer, given.model_copy(update=change))
        assert why in str(refused.value.cause.__cause__ or refused.value.cause)
        assert shop.hands.calls == []
        assert (await shop.store.order(asked.id)).state == "waiting"


async def test_an_answer_is_good_for_one_order_and_one_plan(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, trust=Trust.ASK) as shop:
        first, plan = await waiting(shop)
        second, other = await waiting(shop)
        prefix = await shop.store.prefix()
        handle = client.get_workflow_handle(prefix + second.id)
        replayed = approval(first, plan)
        for given in (replayed, approval(second, plan)):  # another order's, another plan's
            with pytest.raises(WorkflowUpdateFailedError):
                await handle.execute_update(RunbookWorkflow.answer, given)
        assert shop.hands.calls == []
        assert plan != other
        again = client.get_workflow_handle(prefix + first.id)
        await again.execute_update(RunbookWorkflow.answer, replayed)
        with pytest.raises(WorkflowUpdateFailedError):
            await again.execute_update(RunbookWorkflow.answer, replayed)
        await again.result()
        assert shop.hands.calls == ["restart"]


async def test_nobody_answers_in_time_and_nothing_is_done(client: Client, tmp_path: Path) -> None:
    async with company(client, tmp_path, trust=Trust.ASK, approval_minutes=0.02) as shop:
        asked, plan = await waiting(shop)
        handle = client.get_workflow_handle(await shop.store.prefix() + asked.id)
        assert "nobody answered" in (await handle.result())["reason"]
        with pytest.raises(Refused):
            await shop.desk.answer(asked.id, plan, True, "", ANA)
        assert shop.hands.calls == []
        record = await shop.store.order(asked.id)
        assert record.outcome is not None
        assert record.outcome.status == "refused"
