"""The estate bench's scores, from sights made by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from chimera.bench.ground.controller import LedgerRow
from chimera.bench.trial.cases import Case, Part, case_of, names_in, parts_of, table_of
from chimera.bench.trial.changes import differences, wrong_changes
from chimera.bench.trial.judge import Verdict, judge
from chimera.bench.trial.report import keep, kept
from chimera.bench.trial.sight import Named, SeenIncident, SeenOrder, Sight
from chimera.bench.trial.struck import Claim, Struck, lasts, wrong_claims
from chimera.bench.trial.summary import row, summary
from chimera.bench.trial.users import hits
from chimera.domain import FaultKind, NotFound, Refused, TargetState
from chimera.sandbox.faults.catalogue import faults

RELEASE = Part(target="orders", kinds=(FaultKind.RELEASE,), repair="roll_back_release")
POISON = Part(target="transform", kinds=(FaultKind.POISON,), repair="skip_poison_record")
HOG = Part(target="inventory", kinds=(FaultKind.CPU,), repair="restart_service")


def case(*parts: Part, fault: str = "slow_release", slow: bool = False) -> Case:
    return Case(fault=fault, target="x", magnitude=1, seed=1, parts=parts, slow=slow)


def order(number: str, runbook: str, target: str, status: str = "applied") -> SeenOrder:
    incident = number.partition("/")[0]
    return SeenOrder(id=number, incident=incident, runbook=runbook, target=target, status=status)


def incident(name: str, opened: float, named: Named | None = None, **more: Any) -> SeenIncident:
    more = {"services": (), "phase": "resolved", **more}
    return SeenIncident(id=name, opened=opened, named=named or Named(), **more)


def effect(key: str, verb: str, target: str) -> LedgerRow:
    number = key.partition("#")[0]
    return LedgerRow(key=key, order_id=number, verb=verb, target=target, at=0.0, applied=True)


def sight(*incidents: SeenIncident, **more: Any) -> Sight:
    return Sight(injected=1000.0, ended=1100.0, incidents=incidents, **more)


def test_a_fault_that_was_named_and_mended_scores_in_full() -> None:
    named = Named(target="orders", kind=FaultKind.RELEASE, confidence=0.9)
    mended = order("INC-1/1", "roll_back_release", "orders")
    seen = sight(
        incident("INC-1", 1012.5, named, orders=(mended,)),
        ledger=(effect("INC-1/1", "set_release", "orders"),),
    )
    verdict = judge(case(RELEASE), seen, 5.0)
    (part,) = verdict.parts
    assert (part.right, part.repaired, part.delay) == (True, True, 2.5)
    assert (verdict.false_incidents, verdict.wrong_changes) == (0, ())
    found = summary([verdict])
    assert (found["top1"], found["repaired"], found["detection_delay_intervals"]) == (1, 1, 2.5)
    assert row(verdict)["outcome"] == "repaired"


@pytest.mark.parametrize(
    "named",
    [
        Named(target="payments", kind=FaultKind.RELEASE),
        Named(target="orders", kind=FaultKind.CPU),
        Named(),
    ],
)
def test_a_cause_is_right_only_with_target_and_kind(named: Named) -> None:
    verdict = judge(case(RELEASE), sight(incident("INC-1", 1010.0, named)), 5.0)
    assert not verdict.parts[0].right
    assert verdict.parts[0].incident == "INC-1"


def test_a_repair_that_is_not_proved_is_none() -> None:
    tried = order("INC-1/1", "roll_back_release", "orders", "unverified")
    verdict = judge(case(RELEASE), sight(incident("INC-1", 1010.0, orders=(tried,))), 5.0)
    assert not verdict.parts[0].repaired
    assert row(verdict)["outcome"] == "not repaired"


def test_two_troubles_are_two_incidents_and_a_third_is_false() -> None:
    first = incident("INC-1", 1010.0, Named(target="transform", kind=FaultKind.POISON))
    second = incident("INC-2", 1015.0, services=("inventory",))
    third = incident("INC-3", 1020.0, services=("payments",))
    verdict = judge(case(HOG, POISON), sight(first, second, third), 5.0)
    assert [part.incident for part in verdict.parts] == ["INC-2", "INC-1"]
    assert [part.right for part in verdict.parts] == [False, True]
    assert verdict.false_incidents == 1


def test_two_troubles_in_one_incident_leave_one_undetected() -> None:
    only = incident("INC-1", 1010.0, services=("inventory", "transform"))
    verdict = judge(case(HOG, POISON), sight(only), 5.0)
    assert [part.incident for part in verdict.parts] == ["INC-1", None]
    assert summary([verdict])["detected"] == 0.5


def test_a_second_trouble_of_one_incident_counts_when_it_is_named_after_a_proved_repair() -> None:
    hog = Named(target="inventory", kind=FaultKind.CPU)
    poison = Named(target="transform", kind=FaultKind.POISON)
    both = incident("INC-1", 1010.0, hog, services=("inventory", "transform"), then=(poison,))
    verdict = judge(case(HOG, POISON), sight(both), 5.0)
    assert [part.right for part in verdict.parts] == [True, True]
    one = incident("INC-1", 1010.0, poison, then=(poison,))  # named once, and the other never
    assert [part.right for part in judge(case(HOG, POISON), sight(one), 5.0).parts] == [False, True]


@pytest.mark.parametrize(("fault", "allowed"), [("none", 0), ("blip", 1), ("traffic_surge", 1)])
def test_where_nothing_is_wrong_incidents_are_false_and_orders_unwanted(
    fault: str, allowed: int
) -> None:
    placed = order("INC-1/1", "restart_service", "orders")
    seen = sight(
        incident("INC-1", 1010.0, orders=(placed,)),
        incident("INC-2", 1020.0),
        ledger=(effect("INC-1/1", "restart", "orders"),),
    )
    verdict = judge(case(fault=fault), seen, 5.0)
    assert verdict.false_incidents == 2 - allowed
    assert verdict.unwanted_orders == 1
    assert verdict.wrong_changes == ("restart of orders (order INC-1/1)",)


def test_a_change_that_was_taken_back_is_not_left_in_place() -> None:
    orders = [
        order("INC-1/1", "revert_configuration", "orders", "rolled_back"),
        order("INC-1/2", "roll_back_release", "orders"),
    ]
    ledger = [
        effect("INC-1/1", "set_configuration", "orders"),
        effect("INC-1/1#rollback", "set_configuration", "orders"),
        effect("INC-1/2", "set_release", "orders"),
    ]
    assert wrong_changes([RELEASE], orders, ledger) == ()
    assert wrong_changes([RELEASE], orders, ledger[:1]) == (
        "set_configuration of orders (order INC-1/1)",
    )


def test_a_difference_is_wrong_unless_the_documented_repair_made_it() -> None:
    good = {"payments": TargetState(name="payments", replicas=1, configuration={"a": "1"})}
    now = {"payments": TargetState(name="payments", replicas=2, configuration={"a": "1"})}
    found = differences(good, now)
    assert found == ("payments: 2 replicas and not 1",)
    part = Part(target="payments", kinds=(FaultKind.SATURATION,), repair="scale_service")
    scaled = order("INC-1/1", "scale_service", "payments")
    ledger = [effect("INC-1/1", "scale", "payments")]
    assert wrong_changes([part], [scaled], ledger, found) == ()
    assert wrong_changes([part], [], [], found) == found


def test_the_median_counts_what_was_missed_and_leaves_slow_faults_out() -> None:
    def delayed(seconds: float | None, slow: bool = False) -> Verdict:
        seen = [] if seconds is None else [incident("INC-1", 1000.0 + seconds)]
        return judge(case(RELEASE, slow=slow), sight(*seen, users_hit=1080.0), 5.0)

    found = summary([delayed(5), delayed(15), delayed(None), delayed(60, slow=True)])
    assert found["detection_delay_intervals"] == 3
    assert found["lead_seconds"] == 20
    assert summary([delayed(5), delayed(None), delayed(None)])["detection_delay_intervals"] is None


def test_users_are_hit_at_the_second_bad_point_in_a_row() -> None:
    calm = [(at, 0.1) for at in (980.0, 985.0, 990.0)]
    spike, bad = [(1000.0, 0.9), (1005.0, 0.1)], [(1010.0, 0.5), (1015.0, 0.6), (1020.0, 0.6)]
    assert hits([calm + spike + bad], 995.0, 0.3) == [1015.0]
    assert hits([calm + spike], 995.0, 0.3) == []


@pytest.mark.parametrize(
    ("claims", "wrong"),
    [
        ({"storefront": "hit", "raw": "expected"}, 0),
        ({"storefront": "hit", "ingest": "hit"}, 0),  # ingest writes raw
        ({"storefront": "spared", "raw": "expected"}, 1),
        ({"raw": "expected"}, 1),  # storefront is missing
        ({"storefront": "hit", "raw": "hit", "dashboard": "hit"}, 1),  # it was as usual
        ({"storefront": "hit", "raw": "hit", "loader": "hit"}, 0),  # nothing is measured of it
    ],
)
def test_a_blast_radius_is_held_against_what_was_measured(
    claims: dict[str, str], wrong: int
) -> None:
    hit = frozenset({"orders", "storefront", "raw"})
    measured = Struck(seen=hit | {"dashboard"}, stirred=hit, clearly=hit)
    said = [Claim(name=name, state=state) for name, state in claims.items()]
    assert len(wrong_claims(said, measured, ["orders"], {"raw": "ingest"})) == wrong


def test_a_point_alone_strikes_nobody() -> None:
    assert not lasts([(1.0, 5.0), (2.0, 0.0), (3.0, 5.0), (4.0, math.nan)], 0.0, 1.0)
    assert lasts([(1.0, 5.0), (2.0, 5.0)], 0.0, 1.0)


def test_every_fault_says_what_is_true_about_it() -> None:
    known = faults()
    for fault in known.values():
        for target in fault.targets:
            parts = parts_of(fault, target)
            assert bool(parts) == fault.is_fault
            assert all(part.kinds for part in parts)
    assert len(parts_of(known["two_faults"], known["two_faults"].targets[0])) == 2
    assert len(parts_of(known["renamed_column"], "orders")) == 1


def test_faults_of_data_have_a_table_of_their_own() -> None:
    known = faults()
    data = names_in(known, "data")
    assert data == ["duplicated_data", "late_data", "model_drift", "volume_drop"]
    assert sorted([*names_in(known, "core"), *data]) == sorted(known) == names_in(known, "all")
    with pytest.raises(NotFound, match="core, data and all"):
        names_in(known, "moon")


def test_seeds_draw_targets_and_magnitudes_from_the_faults_own_ranges() -> None:
    known = faults()
    cases = table_of(known, sorted(known), (1, 2, 3))
    assert len({c.key for c in cases}) == len(cases) == 3 * len(known)
    for one in cases:
        low, high = known[one.fault].magnitudes
        assert low <= one.magnitude <= high
        assert one.target in known[one.fault].targets
    assert cases == table_of(known, sorted(known), (1, 2, 3))
    with pytest.raises(NotFound, match="has no target"):
        case_of(known["cpu_hog"], 1, target="moon")
    with pytest.raises(Refused, match="magnitudes from"):
        case_of(known["cpu_hog"], 1, magnitude=99)


def test_a_run_that_was_cut_short_goes_on_from_its_file(tmp_path: Any) -> None:
    file = tmp_path / "run.jsonl"
    one = judge(case(RELEASE), sight(), 5.0)
    keep(file, one)
    file.write_text(file.read_text() + '{"case": {"fau')
    assert kept(file) == {one.case.key: one}
