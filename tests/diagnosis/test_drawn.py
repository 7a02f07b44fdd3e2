"""Drawn systems with queues, restarts, releases and daily load: a few of those that the bench runs."""

from __future__ import annotations

import numpy as np
import pytest

from chimera.bench.rootcause.foreign.case import case
from chimera.bench.rootcause.foreign.run import run_foreign
from chimera.diagnosis.observed import Trouble as T
from chimera.diagnosis.silence import fallen_silent, stopped


def test_the_same_seed_draws_the_same_system_and_another_fault_another() -> None:
    one, same, other = case(3, "cpu"), case(3, "cpu"), case(3, "memory")
    assert one.causes == same.causes
    np.testing.assert_array_equal(one.seen.metrics.since, same.seen.metrics.since)
    assert one.seen.candidates() != other.seen.candidates()


def test_the_cause_of_drawn_faults_is_found_and_calm_ones_are_left_alone() -> None:
    told = run_foreign(10, first=0)
    assert told["mean"]["ac1"] >= 0.8
    assert told["mean"]["ac3"] >= 0.95
    assert told["mean"]["ac1"] - told["mean"]["kept"] <= 0.1
    assert told["mean"]["kind"] >= 0.85
    assert told["mean"]["metric"] >= 0.85
    assert told["calm_no_cause"] >= 0.9
    assert told["faults"]["two"]["both"] >= 0.6
    assert told["mean"]["ac1"] > max(told["mean"]["n-sigma"], told["mean"]["BARO"])


@pytest.mark.parametrize("seed", range(3))
def test_a_service_is_down_when_what_it_has_by_itself_stops(seed: int) -> None:
    told = case(seed, "down")
    assert set(fallen_silent(told.seen.metrics)) == set(told.causes)
    calm = case(seed, None).seen.metrics
    assert not fallen_silent(calm)
    assert not stopped(calm).any()


def test_what_is_asked_of_a_drawn_case_is_what_its_names_tell() -> None:
    told = case(1, "memory", style="azure", nameless=False)
    assert told.metrics == {"MemoryWorkingSet"}
    assert told.kinds == {T.MEMORY}
