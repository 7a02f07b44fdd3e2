"""`find`: every detector's troubles in words, told once, in any pieces, whatever repeats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from chimera.detection.base import Block, Floats
from chimera.detection.engine.memory import SIGNALS
from chimera.detection.find import Found, find
from chimera.detection.oddities import Oddity, merged
from chimera.detection.panel import State, cut

STEP = 300.0
TIME, AT = 3000, 2500


def load(rows: int = 1, seed: int = 0, time: int = TIME) -> Floats:
    """A service's series: one load, and each its own noise."""
    random = np.random.default_rng(seed)
    common = np.sin(2 * np.pi * np.arange(time) * STEP / 86400) + random.normal(size=time)
    return np.asarray(100 + 5 * common + random.normal(size=(rows, time)))


def only(found: Found, detector: str) -> Oddity:
    (odd,) = [o for o in found.oddities if detector in (o.detector, *o.also)]
    return odd


def test_a_stuck_value_is_explained() -> None:
    values = load()
    values[0, AT : AT + 50] = values[0, AT - 1]
    odd = only(find(Block.of(values, step=STEP)), "flat")
    assert odd.since == AT - 1
    assert odd.began < AT + 20
    assert odd.ended == AT + 49
    assert odd.why == "the same value for 4.25 h; it hardly ever repeats"


def test_a_gap_is_told_once_for_all_that_miss_the_same() -> None:
    values = load(4)
    values[1:, AT : AT + 50] = np.nan
    odd = only(find(Block.of(values, step=STEP)), "gap")
    assert (odd.row, odd.since, odd.ended, odd.others) == (1, AT, AT + 49, (2, 3))
    assert odd.why == "no data for 4.17 h; there were no gaps; the same in 2 other series"
    assert np.isnan(odd.seen)


def test_a_scatter_that_grew_is_explained() -> None:
    values = load()
    values[0, AT : AT + 120] = 100 + np.random.default_rng(1).normal(scale=40, size=120)
    odd = next(
        o for o in find(Block.of(values, step=STEP)).oddities if "variance" in (o.detector, *o.also)
    )
    assert AT - 20 < odd.since <= AT + 40


def test_one_that_parts_from_its_group_is_named_with_what_was_expected() -> None:
    values = load(5)
    values[3, AT : AT + 20] = 200 - values[3, AT : AT + 20]
    values[3, AT + 8] = 94.0
    odd = only(find(Block.of(values, step=STEP)), "group")
    assert odd.row == 3
    assert "the series it goes with would have it near" in odd.why


def test_a_drift_over_days_is_told() -> None:
    random = np.random.default_rng(3)
    values = 100 + random.normal(size=(1, TIME)) + 0.004 * np.clip(np.arange(TIME) - 1000, 0, None)
    odd = only(find(Block.of(values, step=STEP)), "drift")
    assert odd.why.startswith("has risen by")


def test_the_ensemble_speaks_in_words_too() -> None:
    values = load()
    values[0, AT] += 80
    odd = next(o for o in find(Block.of(values, step=STEP)).oddities if o.began == AT)
    assert odd.detector in SIGNALS
    assert "was expected" in odd.why


@pytest.mark.parametrize("period", [90, 250])
def test_what_repeats_is_learnt_though_the_sampling_is_unknown(period: int) -> None:
    random = np.random.default_rng(period)
    clock = np.arange(period * 12)
    values = 10 * np.sin(2 * np.pi * clock / period) + random.normal(size=(3, clock.size))
    at = period * 11 + period // 4
    values[0, at : at + 8] -= 12  # still within the usual range
    block = Block.of(values)
    found = find(block)
    assert abs(found.period / block.step - period) <= 0.02 * period
    assert found.parts["season"][0, at] > 5
    told = find(block, period=timedelta(seconds=period))
    assert told.period == timedelta(seconds=period)
    assert told.parts["season"][0, at] > 5
    assert find(block, period=timedelta(days=1)).parts["season"][0, at] < 1


def test_a_day_is_kept_where_an_hour_repeats_too() -> None:
    clock = np.arange(4 * 1440)
    values = 10 * np.sin(2 * np.pi * clock / 1440) + 6.0 * (clock % 60 == 0)
    noise = np.random.default_rng(0).normal(size=(2, clock.size))
    assert find(Block.of(values + noise, step=60.0)).period == timedelta(days=1)


def test_cutting_changes_nothing_before_the_cut() -> None:
    values = load(3) + 30 * np.sin(2 * np.pi * np.arange(TIME) / 130)
    whole = find(Block.of(values, step=STEP))
    assert whole.period != timedelta(days=1)
    for last in (95, 97, 700, *np.random.default_rng(2).integers(100, TIME, 2)):
        part = find(Block.of(values[:, :last], step=STEP))
        np.testing.assert_array_equal(part.scores, whole.scores[:, :last])
        for name, decades in part.parts.items():
            np.testing.assert_array_equal(decades, whole.parts[name][:, :last])


def test_going_on_after_a_restart_is_as_if_there_was_none() -> None:
    values = load(4)
    values[1, AT : AT + 50] = values[1, AT - 1]
    values[2, AT + 5 : AT + 60] = np.nan
    block = Block.of(values, step=STEP)
    day = timedelta(days=1)
    whole = find(block, period=day)
    first = find(cut(block, 0, AT + 20), period=day)
    saved = first.state.save()
    assert len(saved) < 4 * 32 * 1024
    second = find(cut(block, AT + 20, TIME), state=State.load(saved))
    for name, decades in whole.parts.items():
        parts = [first.parts[name], second.parts[name]]
        np.testing.assert_array_equal(np.concatenate(parts, axis=1), decades)
    told = [o.detector for o in (*first.oddities, *second.oddities)]
    assert told.count("gap") == 1
    assert told.count("flat") == 1
    for broken in (b"", saved[:-1], saved[:13] + b"\x63" + saved[14:], saved[:60]):
        with pytest.raises(ValueError, match="start from a fresh one"):
            State.load(broken)


def test_state_follows_series_that_come_and_go() -> None:
    values = load(4)
    block = Block.of(values, step=STEP)
    state = find(cut(block, 0, 2000)).state
    moved = state.copy().rows(np.array([2, -1]))
    assert len(moved) == 2
    later = find(Block.of(values[[2, 0], 2000:], step=STEP), state=moved)
    whole = find(cut(block, 2000, TIME), state=state)
    np.testing.assert_array_equal(later.parts["variance"][0], whole.parts["variance"][2])


def oddity(detector: str, began: int, ended: int | None, confidence: float, row: int = 0) -> Oddity:
    return Oddity(row, began, ended, began, 1.0, 0.0, 0.0, 0.0, detector, 4.0, confidence, began)


def test_what_several_saw_is_told_once_and_another_trouble_for_itself() -> None:
    seen = [
        oddity("level", 100, 180, 0.8),
        oddity("variance", 110, 200, 0.9),
        oddity("flat", 170, 400, 0.7),  # within 80 points of the first
        oddity("flat", 900, None, 0.7),
        oddity("level", 105, 180, 0.6, row=1),
    ]
    told = merged(seen)
    assert [(o.row, o.began, o.detector, o.also) for o in told] == [
        (1, 105, "level", ()),
        (0, 110, "variance", ("flat", "level")),
        (0, 900, "flat", ()),
    ]


def test_the_start_of_a_block_is_its_own_time() -> None:
    values = load()
    values[0, AT : AT + 50] = np.nan
    start = datetime(2026, 1, 5, tzinfo=UTC)
    block = Block(Block.of(values).keys, start, timedelta(seconds=STEP), values)
    odd = only(find(block), "gap")
    assert block.at(odd.since) == start + AT * timedelta(seconds=STEP)
