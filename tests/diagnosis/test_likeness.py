"""Memory: likeness, decay, people's vetoes, and how little it may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chimera.agents.concluding import TIE, in_order
from chimera.diagnosis.likeness import lean, likeness, recalled, signs
from chimera.diagnosis.nodes import views
from chimera.domain import Evidence, FaultKind, Finding, Memory, Recalled, Suspected, Veto
from chimera.domain import SignalKind as K
from chimera.runbooks.revert_configuration import RevertConfiguration
from chimera.runbooks.roll_back_release import RollBackRelease
from tests.diagnosis.town import TOWN, Town

NOW = datetime(2031, 5, 6, tzinfo=UTC)
HALF = timedelta(days=30)
SHOWN = {"fees latency up": 0.9, "lending latency up": 0.8}
RELEASE = Suspected(target="fees", kind=FaultKind.RELEASE, runbook="roll_back_release", cause="r")
SETTING = Suspected(target="fees", kind=FaultKind.CONFIGURATION, runbook="revert_configuration")


def memory(days: float = 1, **changes: Any) -> Memory:
    fields: dict[str, Any] = {
        "incident": "INC-12",
        "title": "fees are slow",
        "at": NOW - timedelta(days=days),
        "signs": SHOWN,
        "mended": (RELEASE,),
    }
    return Memory(**{**fields, **changes})


def veto(**changes: Any) -> Veto:
    fields: dict[str, Any] = {
        "incident": "INC-12", "target": "fees", "kind": FaultKind.RELEASE, "person": "ana", "at": NOW,
    }  # fmt: skip
    return Veto(**{**fields, **changes})


def like(*memories: Memory, vetoes: tuple[Veto, ...] = ()) -> tuple[Recalled, ...]:
    return recalled(memories, vetoes, SHOWN, (), NOW, HALF)


def finding(kind: FaultKind, confidence: float, target: str = "fees") -> Finding:
    seen = Evidence(id="e", tool="t", claim="c", query="q")
    return Finding(cause="c", target=target, kind=kind, confidence=confidence, evidence=(seen,))


def order(findings: list[Finding], past: tuple[Recalled, ...]) -> list[FaultKind]:
    return [f.kind for f in in_order(findings, lean(past))]


def test_the_same_fault_twice_is_alike_and_another_one_is_not() -> None:
    def seen(town: Town) -> dict[str, float]:
        return signs(TOWN, views(town.case()))

    slow = [seen(Town(seed).slow("fees", 0.6)) for seed in (1, 2)]
    hot = seen(Town(3).paint("shelves", K.CPU, 0.9).slow("shelves", 0.6))
    assert likeness(*slow) > 0.9
    assert likeness(slow[0], hot) < 0.25  # the callers show both
    assert likeness({}, {}) == 0.0
    assert seen(Town(1)) == {}


def test_log_templates_have_a_say_where_both_have_some() -> None:
    alone = likeness(SHOWN, SHOWN)
    assert likeness(SHOWN, SHOWN, ("fees: timeout",), ()) == alone == 1.0
    assert likeness(SHOWN, SHOWN, ("fees: timeout",), ("fees: refused",)) < 1.0
    assert likeness(SHOWN, SHOWN, ("fees: timeout",), ("fees: timeout",)) == 1.0


def test_a_memory_halves_with_each_half_life_and_is_forgotten_in_the_end() -> None:
    (fresh,), (older,) = like(memory(0)), like(memory(30))
    assert (fresh.weight, older.weight) == (1.0, 0.5)
    assert older.likeness == 1.0
    assert like(memory(120)) == ()


def test_it_is_told_with_what_repaired_it() -> None:
    (one,) = like(memory())
    assert str(one) == "like INC-12, which roll_back_release on fees repaired"


def test_of_near_ties_the_one_that_was_repaired_before_comes_first() -> None:
    both = [finding(FaultKind.CONFIGURATION, 0.70), finding(FaultKind.RELEASE, 0.70 - TIE / 2)]
    assert order(both, ())[0] is FaultKind.CONFIGURATION
    assert order(both, like(memory()))[0] is FaultKind.RELEASE
    assert order(both, like(memory(70)))[0] is FaultKind.CONFIGURATION  # too long ago to be heard


@pytest.mark.parametrize("times", [1, 50])
def test_it_never_outvotes_the_statistics(times: int) -> None:
    past = like(*(memory(0, incident=f"INC-{n}") for n in range(times)))
    apart = [finding(FaultKind.CONFIGURATION, 0.70), finding(FaultKind.RELEASE, 0.70 - 1.1 * TIE)]
    assert order(apart, past)[0] is FaultKind.CONFIGURATION
    assert [f.confidence for f in in_order(apart, lean(past))] == [0.70, 0.70 - 1.1 * TIE]
    assert max(lean(past).values()) == 1.0


def test_a_persons_veto_turns_a_memory_round() -> None:
    past = like(memory(), vetoes=(veto(),))
    assert lean(past)[RELEASE.key] < -0.9
    both = [finding(FaultKind.RELEASE, 0.70), finding(FaultKind.CONFIGURATION, 0.70 - TIE / 2)]
    assert order(both, past)[0] is FaultKind.CONFIGURATION
    assert str(past[0]) == "like INC-12, of which ana says that it was not release of fees"
    other = veto(kind=FaultKind.CONFIGURATION)
    assert str(like(memory(), vetoes=(other,))[0]).startswith(
        "like INC-12, which roll_back_release"
    )


def test_of_near_ties_the_least_invasive_repair_is_tried_first_and_named_second() -> None:
    def repaired(kind: FaultKind, confidence: float, by: str) -> Finding:
        return finding(kind, confidence).model_copy(update={"runbook": by})

    release = repaired(FaultKind.RELEASE, 0.70, "roll_back_release")
    setting = repaired(FaultKind.CONFIGURATION, 0.70 - TIE / 2, "revert_configuration")
    cards = tuple(kind.card for kind in (RollBackRelease, RevertConfiguration))
    assert in_order([setting, release], {}) == (release, setting)
    assert in_order([setting, release], {}, cards) == (setting, release)
    assert in_order([setting, release], lean(like(memory())), cards) == (release, setting)
