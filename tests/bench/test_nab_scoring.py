"""NAB's score, against cases worked out by hand from its definition."""

from __future__ import annotations

from math import exp, inf

import numpy as np
import pytest

from chimera.bench.numenta.scoring import LOW_FN, LOW_FP, STANDARD, Scored, curve, shape, weights
from chimera.bench.numenta.verdict import alarms, figures


def sigmoid(y: float) -> float:
    return 2 / (1 + exp(5 * y)) - 1


def file(hits: dict[int, float], *windows: tuple[int, int], rows: int = 100) -> Scored:
    scores = np.zeros(rows)
    for row, score in hits.items():
        scores[row] = score
    return Scored("some/file.csv", scores, windows)


def test_a_row_weighs_by_its_place() -> None:
    weight, window = weights(file({}, (40, 49)))
    assert window[39] == -1
    assert window[40] == window[49] == 0
    assert weight[10] == -1  # before any window
    assert weight[40] == pytest.approx(1.0)  # the first row of a window earns all
    assert weight[44] == pytest.approx(sigmoid(-6 / 10) / sigmoid(-1))
    assert weight[49] == pytest.approx(sigmoid(-1 / 10) / sigmoid(-1))
    assert weight[50] == pytest.approx(sigmoid(1 / 9))  # just after: nearly nothing
    assert weight[49 + 28] == -1  # more than three widths after


def test_probation_is_fifteen_percent_and_at_most_750_rows() -> None:
    assert file({}, rows=100).probation == 15
    assert file({}, rows=9999).probation == 750


def test_silence_is_nothing_and_the_first_row_of_each_window_is_everything() -> None:
    perfect = curve([file({20: 0.9, 60: 0.8}, (20, 29), (60, 69))], STANDARD)
    assert perfect.at(inf) == 0
    assert perfect.at(0.5) == pytest.approx(100)
    assert perfect.at(0.85) == pytest.approx(50)
    assert perfect.best() == pytest.approx((0.8, 100))


def test_only_the_best_alarm_of_a_window_counts_and_each_false_one_costs() -> None:
    found = file({16: 0.9, 17: 0.9, 44: 0.9, 48: 0.9, 3: 0.9}, (40, 49))  # row 3 is on probation
    earned = sigmoid(-6 / 10) / sigmoid(-1)
    for profile, false in ((STANDARD, 0.11), (LOW_FP, 0.22)):
        expected = 100 * (earned - 2 * false + 1) / 2
        assert curve([found], profile).at(0.5) == pytest.approx(expected)


def test_a_missed_window_costs_more_where_that_is_what_counts() -> None:
    half = [file({40: 0.9}, (40, 49)), file({}, (40, 49))]
    assert curve(half, STANDARD).at(0.5) == pytest.approx(100 * (1 - 1 + 2) / 4)
    assert curve(half, LOW_FN).at(0.5) == pytest.approx(100 * (1 - 2 + 4) / 6)


def test_one_threshold_for_all_files_and_ties_go_together() -> None:
    good, noisy = file({40: 0.9}, (40, 49)), file(dict.fromkeys(range(20, 100), 0.9))
    whole = curve([good, noisy], STANDARD)
    assert list(whole.thresholds) == [inf, 0.9, 0.0]
    assert whole.at(0.9) == pytest.approx(100 * (1 - 0.11 * 80 + 1) / 2)
    assert whole.best() == (inf, 0)


def test_the_sweep_equals_counting_each_threshold_by_itself() -> None:
    random = np.random.default_rng(0)
    files = [
        Scored("a/x.csv", random.random(400).round(2), ((100, 139), (250, 289))),
        Scored("b/y.csv", random.random(300).round(2), ((60, 80),)),
        Scored("b/z.csv", random.random(300).round(2), ()),
    ]
    whole = curve(files, LOW_FP)
    for threshold in (0.0, 0.31, 0.5, 0.905, 0.99):
        raw = 0.0
        for one in files:
            weight, window = weights(one)
            rows = np.arange(len(weight))
            hit = (one.scores >= threshold) & (rows >= one.probation)
            raw += 0.22 * weight[hit & (window < 0)].sum()
            for number in range(len(one.windows)):
                inside = weight[hit & (window == number)]
                raw += inside.max() if inside.size else -1.0
        assert whole.raw_at(threshold) == pytest.approx(raw)


def test_the_left_out_category_has_no_say_in_its_threshold() -> None:
    loud = Scored("loud/a.csv", file({40: 0.9, 20: 0.5}, (40, 49)).scores, ((40, 49),))
    quiet = Scored("quiet/b.csv", file({40: 0.3}, (40, 49)).scores, ((40, 49),))
    standard = figures([loud, quiet], frozen=0.9)[0]
    assert standard.best == pytest.approx(100 * (2 - 0.11 + 2) / 4)
    assert standard.frozen == pytest.approx(50)
    # loud with quiet's 0.3 pays for a false alarm; quiet with loud's 0.9 finds nothing
    assert standard.left_out == pytest.approx(100 * (1 - 0.11 + 1) / 4)
    told = alarms([loud, quiet], 0.4)
    assert (told.windows, told.found, told.false, told.place) == (2, 1, 1, 0)
    assert shape(4.0) == -1
