"""The ranking on a town library: every kind of fault, and every reason to name none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from chimera.diagnosis.ranking import rank
from chimera.diagnosis.spheres import elsewhere
from chimera.domain import FaultKind as F
from chimera.domain import SignalKind as K
from tests.diagnosis.town import BEFORE, SINCE, Town

Paint = Callable[[Town], Town]


def full_pool(town: Town) -> Town:
    return town.ramp("lending", K.POOL, 1.0).slow("lending", 1.0).fail("lending", 0.2)


def leaking_memory(town: Town) -> Town:
    return town.ramp("shelves", K.MEMORY, 2.5e8, over=30)


def hot_processor(town: Town) -> Town:
    return (
        town.paint("shelves", K.CPU, 0.9).slow("shelves", 0.15).paint("shelves", K.SATURATION, 0.7)
    )


def full_disk(town: Town) -> Town:
    return town.ramp("lending", K.DISK, 0.99, over=40).fail("lending", 0.5)


def refused_credential(town: Town) -> Town:
    return town.paint("fees", K.CREDENTIAL, 3.0).fail("fees", 0.4)


def too_much_work(town: Town) -> Town:
    for name in ("desk", "lending", "shelves"):
        town.paint(name, K.TRAFFIC, 1.9, times=True)
        town.paint(name, K.CPU, 1.9, times=True)
    town.paint("shelves", K.SATURATION, 1.0).paint("shelves", K.QUEUE, 40.0)
    town.paint("lending", K.SATURATION, 0.98)  # its workers wait for the shelves
    return town.slow("shelves", 1.5)


def poisoned(town: Town) -> Town:
    age = np.linspace(15, 95, SINCE)
    return town.paint("tidy", K.FAILURES, 0.1).paint("loans_clean", K.FRESHNESS, age)


def poisoned_now_and_then(town: Town) -> Town:
    """A step that runs at every other scrape: half of the samples show no failure."""
    poisoned(town)
    return town.paint("tidy", K.FAILURES, np.array([0.2, 0.0] * (SINCE // 2)))


def renamed_column(town: Town) -> Town:
    poisoned(town).change("lending", "release", 15)
    return town.change("gather", "schema", 8, what="loans_raw")


def bad_release(town: Town) -> Town:
    return town.change("fees", "release", 12).slow("fees", 0.6)


def bad_setting(town: Town) -> Town:
    return town.change("lending", "configuration", 20, "limit").fail("lending", 0.3)


def down(town: Town) -> Town:
    gone = np.full(SINCE, np.nan)
    for kind in (K.PRESENCE, K.LATENCY, K.ERRORS, K.TRAFFIC):
        town.paint("fees", kind, gone)
    town.paint("lending", K.ERRORS, 0.3)
    return town.paint("desk", K.ERRORS, 0.25)


def thin_data(town: Town) -> Town:
    town.paint("loans_raw", K.VOLUME, 40.0).paint("loans_raw", K.NULLS, 0.3)
    return town.paint("loans_clean", K.NULLS, 0.3)


def stopped_by_a_thin_batch(town: Town) -> Town:
    """The batch waits, so its reader fails at each run, and all that follows ages."""
    age = np.linspace(15, 95, SINCE)
    town.paint("tidy", K.FAILURES, 0.1).paint("loans_clean", K.FRESHNESS, age)
    return town.paint("loans_raw", K.VOLUME, 60.0).paint("loans_raw", K.NULLS, 0.4)


def sent_again(town: Town) -> Town:
    return town.paint("loans_clean", K.DUPLICATES, 0.08)


def too_late(town: Town) -> Town:
    return town.paint("loans_clean", K.LAG, 40.0)


def left_behind(town: Town) -> Town:
    return town.paint("almanac", K.DRIFT, 1.2)


def paused(town: Town) -> Town:
    age = np.linspace(15, 95, SINCE)
    return town.paint("loans_raw", K.FRESHNESS, age).paint("loans_clean", K.FRESHNESS, age + 5)


FAULTS: dict[str, tuple[Paint, str, F]] = {
    "pool": (full_pool, "lending", F.POOL),
    "memory": (leaking_memory, "shelves", F.MEMORY),
    "cpu": (hot_processor, "shelves", F.CPU),
    "disk": (full_disk, "lending", F.DISK),
    "credential": (refused_credential, "fees", F.CREDENTIAL),
    "saturation": (too_much_work, "shelves", F.SATURATION),
    "poison": (poisoned, "tidy", F.POISON),
    "rare poison": (poisoned_now_and_then, "tidy", F.POISON),
    "schema": (renamed_column, "lending", F.SCHEMA),
    "release": (bad_release, "fees", F.RELEASE),
    "configuration": (bad_setting, "lending", F.CONFIGURATION),
    "down": (down, "fees", F.DOWN),
    "data": (thin_data, "loans_raw", F.DATA),
    "stopping batch": (stopped_by_a_thin_batch, "loans_raw", F.DATA),
    "duplicates": (sent_again, "loans_clean", F.DUPLICATES),
    "late": (too_late, "loans_clean", F.LATE),
    "drift": (left_behind, "almanac", F.DRIFT),
    "stuck": (paused, "gather", F.STUCK),
}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fault", FAULTS)
def test_the_true_cause_comes_first_with_its_kind(fault: str, seed: int) -> None:
    paint, target, kind = FAULTS[fault]
    verdict = rank(paint(Town(seed)).case())
    best = verdict.suspects[0]
    assert (best.target, best.kind) == (target, kind)
    assert best.confidence > 0.6
    assert best.reasons


@pytest.mark.parametrize("seed", range(20))
def test_nothing_changed_gives_no_cause(seed: int) -> None:
    assert rank(Town(seed).case("lending")).suspects == ()


@pytest.mark.parametrize("seed", range(5))
def test_a_blip_that_has_passed_gives_no_cause(seed: int) -> None:
    town = Town(seed)
    blip = np.array([0.4, 0.4, 0.3] + [0.002] * (SINCE - 3))
    verdict = rank(town.paint("lending", K.ERRORS, blip).paint("desk", K.ERRORS, blip).case())
    assert verdict.suspects == ()
    assert verdict.recovered


@pytest.mark.parametrize("seed", range(5))
def test_a_surge_that_is_served_is_traffic_and_nothing_to_repair(seed: int) -> None:
    town = Town(seed)
    for name in ("desk", "lending", "shelves", "fees"):
        town.paint(name, K.TRAFFIC, 1.8, times=True).paint(name, K.CPU, 1.8, times=True)
        town.paint(name, K.SATURATION, 1.8, times=True)
    verdict = rank(town.case("desk"))
    assert [(s.target, s.kind) for s in verdict.suspects] == [("desk", F.TRAFFIC)]


@pytest.mark.parametrize("seed", range(5))
def test_a_little_more_traffic_is_no_reason_for_a_pool_that_fills(seed: int) -> None:
    town = Town(seed)
    for name in ("desk", "lending", "shelves", "fees"):
        town.paint(name, K.TRAFFIC, 1.5, times=True)
    town.paint("lending", K.POOL, 0.7)
    verdict = rank(town.case("lending"))
    assert F.TRAFFIC not in [s.kind for s in verdict.suspects]


@pytest.mark.parametrize("seed", range(4))
def test_what_cannot_have_come_this_far_comes_after_what_explains_it(seed: int) -> None:
    town = Town(seed).fail("fees", 0.3).change("fees", "configuration", 10)
    town.paint("tidy", K.FAILURES, np.array([0.0] * (SINCE - 3) + [0.1] * 3))
    found = [(s.target, s.kind) for s in rank(town.case("tidy")).suspects]
    assert found[0] == ("tidy", F.POISON)
    assert ("fees", F.CONFIGURATION) in found


def test_runs_that_failed_while_a_callee_did_are_no_poison() -> None:
    town = Town(1).paint("lending", K.ERRORS, np.array([0.0, 0.4, 0.4, *[0.0] * (SINCE - 3)]))
    town.paint("gather", K.FAILURES, np.array([0.0, 0.0, *[0.05] * (SINCE - 2)]))
    best = rank(town.case("gather")).suspects[:1]
    assert not best or best[0].kind is not F.POISON or best[0].confidence < 0.5


@pytest.mark.parametrize("fault", FAULTS)
def test_order_units_and_idle_series_change_nothing(fault: str) -> None:
    paint, _, _ = FAULTS[fault]
    case = paint(Town(3)).case()
    said = rank(case)
    turned = replace(case, series=tuple(reversed(case.series)))
    idle = tuple(
        replace(
            s,
            service=f"idle-{s.service}",
            labels={},
            before=np.full(BEFORE, 1.0),
            since=np.full(SINCE, 1.0),
        )
        for s in case.series
    )
    assert facts(rank(turned)) == facts(said)
    assert facts(rank(replace(case, series=(*case.series, *idle)))) == facts(said)


@pytest.mark.parametrize("fault", ["pool", "memory", "cpu", "release", "poison"])
def test_scaling_a_unit_changes_nothing(fault: str) -> None:
    case = FAULTS[fault][0](Town(3)).case()
    scaled = tuple(
        replace(
            s,
            before=s.before * 1000,
            since=s.since * 1000,
            floor=s.floor * 1000,
            limit=s.limit * 1000 if s.limit else None,
        )
        if s.kind not in (K.PRESENCE,)
        else s
        for s in case.series
    )
    assert facts(rank(replace(case, series=scaled))) == facts(rank(case))


def test_two_unrelated_faults_are_two_causes() -> None:
    town = hot_processor(poisoned(Town(1)))
    found = {(s.target, s.kind) for s in rank(town.case()).suspects if s.confidence > 0.5}
    assert found == {("tidy", F.POISON), ("shelves", F.CPU)}


def test_a_repair_is_not_judged_by_the_trouble_of_another_cause() -> None:
    case = hot_processor(poisoned(Town(1))).case()
    suspects = {s.target: s for s in rank(case).suspects if s.confidence > 0.5}
    step = set(elsewhere(case.estate, suspects["tidy"], suspects.values()))
    service = set(elsewhere(case.estate, suspects["shelves"], suspects.values()))
    assert {"tidy", "loans_clean"} <= service
    assert {"shelves", "lending", "desk"} <= step
    assert not step & {"tidy", "loans_clean"}
    assert not service & {"shelves", "lending", "desk"}


def test_an_incident_elsewhere_does_not_name_this_cause() -> None:
    town = hot_processor(poisoned(Town(1)))
    assert {s.target for s in rank(town.case("loans_clean", "tidy")).suspects} >= {"tidy"}
    assert {s.target for s in rank(town.case("desk")).suspects} == {"shelves"}


def test_two_changes_in_one_minute_are_equally_suspected() -> None:
    town = bad_release(Town(2)).change("fees", "configuration", 40, "retries")
    first, second = rank(town.case()).suspects[:2]
    assert {first.kind, second.kind} == {F.RELEASE, F.CONFIGURATION}
    assert first.confidence == pytest.approx(second.confidence, abs=0.05)
    assert second.confidence > 0.5


@pytest.mark.parametrize("seconds", [3600, -120])
def test_a_change_long_before_or_after_is_no_cause(seconds: float) -> None:
    town = Town(2).slow("fees", 0.6).change("fees", "release", seconds)
    assert F.RELEASE not in {s.kind for s in rank(town.case()).suspects}


def test_the_callee_is_blamed_and_not_the_caller_that_was_released_too() -> None:
    town = hot_processor(Town(4)).change("desk", "release", 20)
    assert rank(town.case()).suspects[0].target == "shelves"


def test_a_release_that_was_rolled_back_before_is_not_blamed() -> None:
    town = Town(2).change("fees", "release", 90).change("fees", "release", 40).slow("fees", 0.6)
    back = town.changes.pop()
    town.changes.append(back.model_copy(update={"before": "new", "after": "old"}))
    releases = {s.facts["release"] for s in rank(town.case()).suspects if s.kind is F.RELEASE}
    assert "new" not in releases


def test_a_setting_changed_after_a_rollback_is_blamed_and_not_the_rollback() -> None:
    town = Town(2).change("fees", "release", 150).change("fees", "release", 55)
    town.changes[-1] = town.changes[-1].model_copy(update={"before": "new", "after": "old"})
    best = rank(town.fail("fees", 0.4).change("fees", "configuration", 5).case()).suspects[0]
    assert (best.target, best.kind) == ("fees", F.CONFIGURATION)
    assert best.confidence > 0.8


def test_a_setting_that_is_wrong_now_and_then_is_blamed_each_time() -> None:
    """Even where the first that is known of it is that it was put right."""
    town = Town(2)
    for ago, (before, after) in zip(
        (1500, 900, 860, 400, 360, 20), 3 * [("bad", "good"), ("good", "bad")], strict=True
    ):
        town.change("fees", "configuration", ago, "retries")
        town.changes[-1] = town.changes[-1].model_copy(update={"before": before, "after": after})
    best = rank(town.fail("fees", 0.4).case()).suspects[0]
    assert (best.target, best.kind) == ("fees", F.CONFIGURATION)
    assert best.confidence > 0.5


def test_a_schema_change_a_while_ago_does_not_hide_a_poison_record() -> None:
    town = poisoned(Town(1)).change("gather", "schema", 150, what="loans_raw")
    best = rank(town.case()).suspects[0]
    assert (best.target, best.kind) == ("tidy", F.POISON)


def test_a_slow_step_that_never_failed_is_believed_at_its_second_failure() -> None:
    runs = np.zeros(SINCE)
    runs[-5::3] = 0.2
    best = rank(Town(3).paint("tidy", K.FAILURES, runs).case("tidy")).suspects[0]
    assert (best.target, best.kind) == ("tidy", F.POISON)
    assert best.confidence >= 0.5


@pytest.mark.parametrize(("kind", "limit", "now"), [(K.NULLS, 0.025, 0.026), (K.VOLUME, 150, 145)])
def test_a_batch_just_beyond_what_is_allowed_is_blamed_and_no_record_in_it(
    kind: K, limit: float, now: float
) -> None:
    town = poisoned(Town(1)).paint("loans_raw", kind, now)
    assert rank(town.case()).suspects[0].kind is F.POISON  # nobody said how much is allowed
    town.series["loans_raw", kind] = replace(town.series["loans_raw", kind], limit=limit)
    best = rank(town.case()).suspects[0]
    assert (best.target, best.kind) == ("loans_raw", F.DATA)
    assert not any("of its limit" in reason.text for reason in best.reasons if kind is K.VOLUME)


def test_a_runbook_finds_its_parameters_among_the_facts() -> None:
    wanted = {
        "credential": {"service": "fees", "upstream": "bursar"},
        "saturation": {"service": "shelves", "replicas": "2"},
        "poison": {"step": "tidy", "dataset": "loans_raw"},
        "schema": {"service": "lending", "release": "new"},
        "release": {"service": "fees", "release": "new"},
        "configuration": {"service": "lending", "key": "limit", "value": "new"},
    }
    for fault, parameters in wanted.items():
        best = rank(FAULTS[fault][0](Town(0)).case()).suspects[0]
        assert parameters.items() <= best.facts.items()


def test_prometheus_gone_says_nothing_about_anybody() -> None:
    case = Town(0).case()
    dark = tuple(replace(s, since=np.full(SINCE, np.nan)) for s in case.series)
    verdict = rank(replace(case, series=dark))
    assert verdict.suspects == ()
    assert verdict.next_looks


def test_too_little_history_is_said() -> None:
    case = full_pool(Town(0)).case()
    young = tuple(replace(s, before=s.before[-3:]) for s in case.series)
    assert rank(replace(case, series=young)).suspects == ()


def facts(verdict: object) -> list[tuple[str, str, float]]:
    from chimera.diagnosis.case import Verdict

    assert isinstance(verdict, Verdict)
    return [(s.target, s.kind.value, round(s.confidence, 2)) for s in verdict.suspects]
