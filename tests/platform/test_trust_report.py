"""What trust was earned with: people's deeds beside Chimera's proposals, and one stated rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chimera.domain import (
    Approval,
    FaultKind,
    Incident,
    Order,
    Outcome,
    StepDown,
    Trust,
    Veto,
    Vote,
)
from chimera.platform.governance.trust_report import Facts, TrustReport, report
from chimera.platform.governance.trust_rules import FEW, Share, propose, wilson
from chimera.platform.store import OrderRecord

NOW = datetime(2026, 1, 1, 3, tzinfo=UTC)


def incident(number: int, **changes: Any) -> Incident:
    fields: dict[str, Any] = {
        "id": f"INC-{number}", "title": "t", "service": "desk", "services": ("desk", "pay"),
        "began": NOW, "opened": NOW + timedelta(seconds=30),
        "resolved": NOW + timedelta(minutes=10), **changes,
    }  # fmt: skip
    return Incident.model_validate(fields)


def record(number: int, status: str, by: str = "chimera", **changes: Any) -> OrderRecord:
    outcome = {key: changes.pop(key) for key in ("denied_by", "approved_by") if key in changes}
    name = f"INC-{number}" if by == "chimera" else f"MAN-{number}"
    fields: dict[str, Any] = {
        "id": f"{name}/1", "incident": name, "attempt": 1, "runbook": "restart_service",
        "parameters": {}, "target": "pay", "environment": "prod", "reason": "r",
        "requested_by": by, "created": NOW + timedelta(minutes=1 if by == "chimera" else 2),
        "expires": NOW + timedelta(hours=1), **changes,
    }  # fmt: skip
    order = Order.model_validate(fields)
    ended = Outcome.model_validate({"order_id": order.id, "status": status, "at": NOW, **outcome})
    return OrderRecord(order=order, outcome=ended, state="done")


def told(level: Trust = Trust.ADVISE, **facts: Any) -> TrustReport:
    return report(Facts(**facts), lambda environment, runbook: level, NOW, NOW)


@pytest.mark.parametrize(
    ("theirs", "hits", "of"),
    [
        ([], 0, 0),
        ([record(1, "applied", "ana")], 1, 1),
        ([record(1, "applied", "ana", runbook="scale_service")], 0, 1),
        ([record(1, "applied", "ana", target="desk")], 0, 1),
        ([record(1, "applied", "ana", target="elsewhere")], 0, 0),
        ([record(1, "applied", "ana", environment="staging")], 0, 0),
        ([record(1, "refused", "ana")], 0, 0),
        ([record(1, "applied", "ana", created=NOW - timedelta(hours=1))], 0, 0),
        ([record(1, "applied", "ana", created=NOW + timedelta(hours=1))], 0, 0),
        ([record(1, "applied", "ana", runbook="silence")], 0, 0),
    ],
    ids=[
        "nothing", "the same", "another runbook", "another target", "elsewhere",
        "another environment", "refused", "before", "after the end", "a silence",
    ],
)  # fmt: skip
def test_a_proposal_in_advise_is_judged_by_what_people_ordered(
    theirs: list[OrderRecord], hits: int, of: int
) -> None:
    made = told(incidents=(incident(1),), orders=(record(1, "proposed"), *theirs))
    (one,) = made.standings
    assert (one.followed.hits, one.followed.of, one.untold) == (hits, of, 1 - of)


def test_answers_and_vetoes_are_judgements_and_refusals_are_none() -> None:
    approval = Approval(
        order_id="INC-1/1", approver="ana", granted=True, plan_hash="p", at=NOW, expires=NOW
    )
    yes = record(1, "applied", approved_by="ana").model_copy(update={"approval": approval})
    made = told(
        Trust.ASK,
        incidents=tuple(incident(n) for n in range(1, 6)),
        orders=(
            yes,
            record(2, "refused", denied_by="ana"),
            record(3, "refused"),
            record(4, "applied", approved_by="ana"),
            record(5, "rolled_back", approved_by="ana"),
        ),
        vetoes=(Veto(incident="INC-4", target="pay", kind=FaultKind.MEMORY, person="ana", at=NOW),),
        handed_over=frozenset({"INC-2", "INC-99"}),
        votes=(vote("INC-1", "ana", True), vote("INC-2", "ana", False), vote("x", "ana", False)),
    )
    (one,) = made.standings
    assert (one.followed.hits, one.followed.of, one.untold, one.refused) == (2, 4, 1, 1)
    assert (one.proved.hits, one.proved.of, one.rolled_back) == (2, 3, 1)
    assert (made.detected, made.recovered, one.recovered) == (30.0, 600.0, 600.0)
    assert (made.escalations, str(made.false_incidents)[:6]) == (1, "1 of 2")


def vote(subject: str, person: str, useful: bool) -> Vote:
    return Vote(subject=subject, person=person, useful=useful, signal="s", service="desk", at=NOW)


def test_a_step_down_holds_and_is_shown_although_nothing_was_ordered_since() -> None:
    down = StepDown(
        environment="prod", runbook="restart_service", level=Trust.ASK, causes=("INC-1/1",),
        why="order INC-1/1 was rolled back", at=NOW,
    )  # fmt: skip
    (one,) = told(Trust.ACT, step_downs=(down,)).standings
    assert (one.level, one.configured, one.stepped_down) == (Trust.ASK, Trust.ACT, down)


@pytest.mark.parametrize(
    ("level", "judged", "proved", "undone", "step"),
    [
        (Trust.OBSERVE, (FEW, FEW), (0, 0), 0, ("up", Trust.ADVISE)),
        (Trust.ADVISE, (FEW, FEW), (0, 0), 0, ("up", Trust.ASK)),
        (Trust.ADVISE, (FEW - 1, FEW - 1), (0, 0), 0, ("stay", Trust.ADVISE)),
        (Trust.ADVISE, (FEW - 1, FEW), (0, 0), 0, ("stay", Trust.ADVISE)),
        (Trust.ADVISE, (38, 40), (0, 0), 0, ("up", Trust.ASK)),
        (Trust.ASK, (FEW, FEW), (3, 3), 0, ("stay", Trust.ASK)),
        (Trust.ASK, (FEW, FEW), (FEW, FEW), 0, ("up", Trust.ACT)),
        (Trust.ASK, (FEW, FEW), (39, 40), 1, ("stay", Trust.ASK)),
        (Trust.ACT, (FEW, FEW), (FEW, FEW), 0, ("stay", Trust.ACT)),
        (Trust.ASK, (1, 5), (0, 0), 0, ("down", Trust.ADVISE)),
        (Trust.ASK, (1, 4), (0, 0), 0, ("stay", Trust.ASK)),
        (Trust.ACT, (0, 0), (1, 6), 5, ("down", Trust.ASK)),
        (Trust.OBSERVE, (0, 20), (0, 0), 0, ("stay", Trust.OBSERVE)),
    ],
)
def test_the_rule(
    level: Trust,
    judged: tuple[int, int],
    proved: tuple[int, int],
    undone: int,
    step: tuple[str, Trust],
) -> None:
    people, repairs = (Share(hits=hits, of=of) for hits, of in (judged, proved))
    made = propose(level, people, repairs, undone)
    assert (made.step, made.to) == step
    assert made.why


def test_wilsons_interval_is_his() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    for hits, of, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
    ):
        found = wilson(hits, of)
        assert found == pytest.approx((low, high), abs=1e-4)
