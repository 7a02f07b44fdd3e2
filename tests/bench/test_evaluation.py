"""The evaluation judges facts and orders, and reads other people's files strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from chimera.agents.chat.shape import Reply, Table
from chimera.bench.evaluation.files import Case, cases_in, states_in
from chimera.bench.evaluation.judge import judge
from chimera.bench.evaluation.report import interval, summary
from chimera.domain import Misconfigured

EVALS = Path(__file__).parents[2] / "evals"
CASE = Case.model_validate(
    {
        "id": "one",
        "state": "s",
        "say": "restart fees",
        "tags": ["plain"],
        "kind": "proposed",
        "must": ["fees||costs", "/way back: \\w+/"],
        "must_not": ["lending"],
        "tools": ["list_runbooks"],
        "orders": [{"runbook": "restart_service", "target": "fees"}],
    }
)
ORDER = ("restart_service", "fees", {"service": "fees"}, "ana")


def test_a_right_answer_is_right_whatever_its_words() -> None:
    table = Table(columns=("a",), rows=(("FEES",),))
    reply = Reply(kind="proposed", text="Way back: none.", tables=(table,))
    assert judge(CASE, reply, ["list_runbooks"], [ORDER]).right


def test_every_fault_is_named_and_a_stray_order_is_a_wrong_one() -> None:
    reply = Reply(kind="answer", text="lending")
    found = judge(CASE, reply, [], [("restart_service", "lending", {}, "ana")])
    assert len(found.wrong) == 6
    assert found.wrong_orders == ("restart_service on lending by ana",)
    figures = summary([[found], [found]])
    assert figures["wrong_orders"] == 2
    assert figures["groups"]["plain"]["right"] == 0


def test_intervals_are_wilsons() -> None:
    low, high = interval(85, 100)
    assert (round(low, 3), round(high, 3)) == (0.767, 0.907)


def test_a_misspelt_key_is_refused_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("- {id: a, state: s, say: hi, musst: [x]}\n")
    with pytest.raises(Misconfigured, match="case a: musst"):
        cases_in(file)
    file.write_text("- {id: a, state: s, say: hi}\n")
    with pytest.raises(Misconfigured, match=r"states/s\.yaml"):
        states_in(file, ["s"])


def test_the_cases_that_ship_are_read() -> None:
    cases = cases_in(EVALS)
    assert len(cases) >= 60
    assert set(states_in(EVALS, (case.state for case in cases))) >= {"calm", "trouble"}
