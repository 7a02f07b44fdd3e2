"""Every runbook that Chimera proposes can be told what to do by what a diagnosis knows."""

from __future__ import annotations

from typing import Any

import pytest

import chimera.runbooks
from chimera.diagnosis.facts import FACTS
from chimera.diagnosis.ranking import rank
from chimera.domain import FaultKind, Misconfigured, Risk, RunbookCard
from chimera.domain.discovery import discover
from chimera.runbooks.base import Runbook
from chimera.runbooks.built import build_runbooks, check_fillable
from tests.diagnosis.test_ranking import FAULTS
from tests.diagnosis.town import Town

CARDS = {
    name: kind.card
    for name, kind in discover(chimera.runbooks, Runbook, key=lambda kind: kind.card.name).items()
}


def card(*required: str, mends: tuple[FaultKind, ...] = (FaultKind.POOL,)) -> RunbookCard:
    schema: dict[str, Any] = {"required": list(required)}
    return RunbookCard(
        name="drain_queue", summary="Drain it", risk=Risk.LOW, reversible=False, mends=mends,
        parameters=schema,
    )  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_the_diagnosis_of_a_fault_fills_the_runbooks_that_mend_it(fault: str) -> None:
    paint, target, kind = FAULTS[fault]
    suspect = rank(paint(Town(1)).case()).suspects[0]
    assert (suspect.target, suspect.kind) == (target, kind)
    assert set(suspect.facts) <= set(FACTS)
    for one in (card for card in CARDS.values() if kind in card.mends):
        assert set(one.parameters["required"]) <= set(suspect.facts), one.name


def test_what_no_diagnosis_could_ever_fill_stops_the_start() -> None:
    assert set(build_runbooks(None, None, None)) == set(CARDS)  # type: ignore[arg-type]
    with pytest.raises(Misconfigured, match="drain_queue needs the parameter 'queue', which no"):
        check_fillable(card("service", "queue"))
    check_fillable(card("service", "dataset"))
    check_fillable(card("queue", mends=()))  # only people run it
