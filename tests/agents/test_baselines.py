"""What counts as the time before: earlier trouble of a series, and of no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from chimera.detection.base import Block, SeriesKey
from chimera.diagnosis.shift import ENOUGH
from chimera.tools.compare_metrics import BASELINE, lives_since, troubled

START, STEP = datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=5)
POINTS = 100
ONSET = START + 90 * STEP


def block(*services: str) -> Block:
    keys = tuple(SeriesKey("errors", name, (("step", f"{name}-step"),), "q") for name in services)
    return Block(keys, START, STEP, np.zeros((len(keys), POINTS)))


def test_earlier_trouble_is_no_baseline_of_whom_it_hurt() -> None:
    times = (START + 10 * STEP, START + 20 * STEP)
    sick = troubled(block("pay", "web"), [(*times, ("pay-step",))], ONSET)
    assert sick.sum(axis=1).tolist() == [11, 0]
    assert troubled(block("pay", "web"), [(*times, ())], ONSET).sum(axis=1).tolist() == [11, 11]


def test_a_series_that_was_always_in_trouble_keeps_what_there_is() -> None:
    busy = (START, ONSET - (BASELINE - 5) * STEP, ("pay",))
    once = (START, START + 4 * STEP, ("web",))
    assert troubled(block("pay", "web"), [busy, once], ONSET).sum(axis=1).tolist() == [0, 5]


def test_a_new_process_is_compared_with_itself() -> None:
    settling = np.zeros(POINTS, dtype=bool)
    assert lives_since(settling, 90) == 0
    settling[[40, 41, 80, 81]] = True
    assert lives_since(settling, 90) == 82
    assert lives_since(settling, 81 + ENOUGH) == 0, "too short to know it"
    settling[95] = True
    assert lives_since(settling, 90) == 82, "what restarts later has its past"
