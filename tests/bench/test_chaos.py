"""What the chaos bench calls wrong, and where it strikes."""

from __future__ import annotations

from chimera.bench.ground.controller import LedgerRow
from chimera.bench.ground.standins import incident_of
from chimera.bench.havoc.checks import EndedOrder, problems
from chimera.bench.havoc.points import LATEST, REPAIRS, VICTIMS, points
from chimera.sandbox.faults.catalogue import faults

DONE = EndedOrder(id="INC-1/1", incident="INC-1", state="done", status="applied", endings=1)


def effect(key: str = "INC-1/1", order_id: str = "INC-1/1") -> LedgerRow:
    return LedgerRow(
        key=key, order_id=order_id, verb="restart", target="orders", at=0.0, applied=True
    )


def test_one_end_one_effect_one_record_is_as_it_must_be() -> None:
    assert problems([DONE], ["INC-1"], [effect()], {"INC-1": 1}) == []


def test_what_happened_twice_or_never_is_told() -> None:
    found = problems([DONE], ["INC-1"], [effect(), effect()], {"INC-1": 2})
    assert found == [
        "effect INC-1/1 was applied 2 times",
        "INC-1: 2 ServiceNow incidents and not 1",
    ]
    assert problems([DONE], [], [], {}) == [
        "order INC-1/1 is applied and the ledger shows no effect"
    ]
    twice = DONE.model_copy(update={"endings": 2})
    assert "ended 2 times" in problems([twice], [], [effect()], {})[0]
    running = DONE.model_copy(update={"state": "running", "status": None})
    assert "did not end" in problems([running], [], [effect()], {})[0]
    assert problems([], [], [], {}) == ["no repair was ordered"]


def test_what_was_refused_or_belongs_to_nobody_must_not_be_in_the_ledger() -> None:
    refused = DONE.model_copy(update={"status": "refused"})
    assert "was refused" in problems([refused], [], [effect()], {})[0]
    assert problems([refused], [], [], {}) == []
    stranger = effect("MAN-1/1", "MAN-1/1")
    assert "belongs to no incident" in problems([DONE], [], [effect(), stranger], {})[0]


def test_points_are_drawn_from_the_seed_and_strike_everybody() -> None:
    drawn = points(20, 1)
    assert drawn == points(20, 1) != points(20, 2)
    for point in drawn:
        assert {blow.victim for blow in point.blows} == set(VICTIMS)
        assert [b.after for b in point.blows] == sorted(b.after for b in point.blows)
        assert all(0 <= blow.after <= LATEST for blow in point.blows)
        assert point.target in REPAIRS[point.fault]
        assert point.target in faults()[point.fault].targets


def test_a_correlation_id_tells_chimeras_incident() -> None:
    assert incident_of("chimera-1a2b3c4d-INC-12") == "INC-12"
    assert incident_of("") == ""
