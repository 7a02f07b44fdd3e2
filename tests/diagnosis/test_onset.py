"""One table may hold what is usual and what is not: the onset parts it."""

from __future__ import annotations

import numpy as np

from chimera.bench.rootcause.files import Table
from chimera.bench.rootcause.onset import parted

STEP = 60.0


def table(first: int, last: int) -> Table:
    times = np.arange(first, last) * STEP
    return Table(("a__cpu",), times, times[:, None])


def test_of_one_table_for_both_the_last_sample_before_the_onset_is_since() -> None:
    usual, since = parted(table(0, 100), table(0, 100), 90 * STEP + 20.0)
    assert usual.times[-1] == 89 * STEP
    assert since.times[0] == 90 * STEP


def test_what_was_usual_days_later_stays_and_so_does_a_table_of_the_trouble_alone() -> None:
    usual, since = parted(table(500, 600), table(90, 96), 90 * STEP + 4.0)
    assert len(usual.times) == 100
    assert len(since.times) == 6


def test_a_table_that_ends_before_the_onset_has_another_clock_and_counts() -> None:
    _, since = parted(table(0, 50), table(60, 66), 1e9)
    assert len(since.times) == 6
