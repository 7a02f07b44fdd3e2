"""The streaming ensemble: its state, its quiet, and what its surprise means."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chimera.bench.numenta.normal import healthy
from chimera.detection.base import Block, Floats
from chimera.detection.calibration import alarm_rate, as_score, surprise, total_for, total_of
from chimera.detection.engine.memory import BYTES, Memory
from chimera.detection.ensemble import Ensemble
from chimera.detection.find import find

MINUTES = 300.0


def values(series: int = 11, time: int = 1200, seed: int = 3) -> Floats:
    array = healthy(series, time, MINUTES, seed)
    array[0, 900] += 40 * array[0].std()
    array[1, 100:130] = np.nan
    array[2, 1000:] += 8 * array[2].std()
    return array


def block(array: Floats, first: int = 0, last: int | None = None) -> Block:
    whole = Block.of(array, step=MINUTES)
    return Block(whole.keys, whole.at(first), whole.step, array[:, first:last], floor=whole.floor)


def test_a_restart_loses_nothing() -> None:
    array = values()
    whole, _ = Ensemble().score(block(array))
    first, state = Ensemble().score(block(array, 0, 700))
    saved = state.save()
    assert len(saved) < len(array) * 32 * 1024
    second, _ = Ensemble().score(block(array, 700), Memory.load(saved))
    np.testing.assert_array_equal(np.concatenate([first, second], axis=1), whole)


def test_another_version_or_another_number_of_series_is_refused() -> None:
    saved = Memory.fresh(2).save()
    assert len(Memory.load(saved)) == 2
    for broken in (b"", saved[:-1], saved[:14] + b"\x63" + saved[15:], b"x" * 100_000):
        with pytest.raises(ValueError, match="start from a fresh one"):
            Memory.load(broken)
    with pytest.raises(ValueError, match="3 series from a state of 2 series"):
        Ensemble().score(Block.of(np.ones((3, 5))), Memory.fresh(2))


def test_a_series_does_not_depend_on_its_neighbours_or_on_threads() -> None:
    array = values()
    whole = Ensemble().look(block(array), parts=True, bounds=True)
    chosen = np.array([2, 0, 7])
    alone = Ensemble(threads=2).look(block(array[chosen]), parts=True, bounds=True)
    np.testing.assert_array_equal(alone.totals, whole.totals[chosen])
    np.testing.assert_array_equal(alone.alarms, whole.alarms[chosen])
    np.testing.assert_array_equal(alone.parts, whole.parts[chosen])
    assert whole.bounds is not None
    assert alone.bounds is not None
    np.testing.assert_array_equal(alone.bounds.high, whole.bounds.high[chosen])


def test_state_follows_series_that_come_and_go() -> None:
    array = values()
    _, state = Ensemble().score(block(array, 0, 800))
    moved = state.rows(np.array([4, -1, 2]))
    scores, _ = Ensemble().score(block(array[[4, 5, 2]], 800), moved)
    whole, _ = Ensemble().score(block(array))
    fresh, _ = Ensemble().score(block(array[5:6], 800))
    np.testing.assert_array_equal(scores[[0, 2]], whole[[4, 2], 800:])
    np.testing.assert_array_equal(scores[1], fresh[0])


def test_the_state_of_a_series_is_at_most_32_kib() -> None:
    assert BYTES <= 32 * 1024


def test_one_fault_is_one_alarm_and_a_worse_one_is_heard() -> None:
    array = np.random.default_rng(0).normal(100.0, 1.0, (1, 2000))
    array[0, 1500:1520] += 6.0
    array[0, 1540] += 80.0
    look = Ensemble().look(block(array))
    loud = np.flatnonzero(look.alarms[0] & (look.totals[0] > 8))
    assert 1500 in loud
    assert 1540 in loud
    assert len(loud) <= 4


def test_after_a_great_spike_a_much_greater_one_is_told() -> None:
    array = np.random.default_rng(0).normal(100.0, 1.0, (1, 2000))
    array[0, 1500] += 500.0
    array[0, 1510] += 400.0  # the same trouble
    array[0, 1530] += 5000.0
    look = Ensemble().look(block(array))
    assert list(1500 + np.flatnonzero(look.alarms[0, 1500:1560])) == [1500, 1530]
    assert {1500, 1530} <= {odd.began for odd in find(block(array)).oddities}


def test_after_a_great_spike_a_level_that_moves_is_told_once() -> None:
    array = np.random.default_rng(0).normal(100.0, 1.0, (1, 2000))
    array[0, 1500] += 500.0
    array[0, 1520:] += 20.0
    told = 1500 + np.flatnonzero(Ensemble().look(block(array)).alarms[0, 1500:1580])
    assert len(told) == 2
    assert 1520 < told[1] < 1560


def test_a_level_that_moved_is_told_once() -> None:
    array = np.random.default_rng(0).normal(100.0, 1.0, (1, 2000))
    array[0, 1500:] += 20.0
    assert Ensemble().look(block(array)).alarms[0, 1500:1580].sum() == 1


def test_an_hour_of_the_day_that_is_unlike_itself_is_seen() -> None:
    clock = np.arange(288 * 9)
    array = 100 + 50 * np.sin(2 * np.pi * clock / 288) + np.random.default_rng(1).normal(size=2592)
    calm, _ = Ensemble().score(block(array[None]))
    array[288 * 8 + 60 : 288 * 8 + 72] -= 40.0  # still within the day's range
    scores, _ = Ensemble().score(block(array[None]))
    assert scores[0, 288 * 8 + 60] > calm[0, 288 * 5 :].max()


def test_what_a_level_far_from_the_first_value_hides_is_seen_all_the_same() -> None:
    array = 1e12 + np.random.default_rng(2).normal(size=(1, 3000))
    array[0, 0] = 0.0
    array[0, 2500] += 50.0
    scores, _ = Ensemble().score(block(array))
    assert scores[0, 300:].argmax() == 2200
    assert (scores[0, 400:2400] > 3).mean() < 0.01


def test_the_map_rises_strictly_and_goes_back() -> None:
    totals = np.linspace(0, 48, 4000)
    for mapped in (surprise(totals), alarm_rate(totals), as_score(surprise(totals))):
        assert (np.diff(mapped) > 0).all()
    assert as_score(surprise(totals)).max() < 1
    assert total_of(float(surprise(np.array(7.3)))) == pytest.approx(7.3)
    assert total_for(10.0 ** -float(alarm_rate(np.array(40.0)))) == pytest.approx(40.0)


def test_surprise_means_what_it_says_on_healthy_series() -> None:
    look = Ensemble().look(Block.of(healthy(110, 5000, MINUTES, 77), step=MINUTES), bounds=True)
    for decades in (1.5, 2.0, 3.0):
        share = (look.decades >= decades).mean()
        assert 0.4 < share / 10**-decades < 2.5
    assert look.bounds is not None
    low, centre, high = look.bounds
    array = healthy(110, 5000, MINUTES, 77)
    known = np.isfinite(centre)
    assert ((array >= low) & (array <= high))[known].mean() > 0.98


def test_a_budget_of_false_alarms_is_about_kept() -> None:
    calm = Block.of(healthy(220, 288 * 14, MINUTES, 78), step=MINUTES)
    for budget in (20.0, 100.0):
        raised = len(find(calm, alarms_per_week=budget).oddities) / 2  # two weeks
        assert budget / 2.2 < raised < budget * 2.2


def test_found_oddities_carry_their_reasons() -> None:
    array = values()
    found = find(block(array), alarms_per_week=2.0)
    spike = next(odd for odd in found.oddities if odd.row == 0 and odd.began == 900)
    assert spike.ended == 900
    assert spike.peak == 900
    assert spike.seen == array[0, 900] > spike.high > spike.centre > spike.low
    assert spike.detector in found.parts
    assert found.threshold <= spike.surprise == found.scores[0, 900]
    assert 0.5 <= spike.confidence < 1
    shift = next(odd for odd in found.oddities if odd.row == 2 and odd.began >= 1000)
    assert shift.began <= 1002
    with pytest.raises(ValueError, match="above 0"):
        find(block(array), alarms_per_week=0)


def test_it_runs_where_nothing_may_be_written(tmp_path: Path) -> None:
    """No home, no cache folder: compiled for this process alone."""
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    nowhere.chmod(stat.S_IRUSR | stat.S_IXUSR)
    code = (
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes = []\n"  # what a read-only file system comes to
        "from chimera.detection.engine.season import part_of_day\n"
        "print(part_of_day(86_400_000_000, 86_400_000_000))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "HOME"} | {"HOME": str(nowhere)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "288"
