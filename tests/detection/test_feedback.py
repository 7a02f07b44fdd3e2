"""What people's votes and maintenance windows do to detection: a little, and never to a page."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from chimera.detection import Block, SeriesKey, Watcher, WatchState
from chimera.detection.holding import Unlearned, forget
from chimera.domain import Signal
from tests.detection.test_watcher import CPU, POOL, START, STEP

FINE = CPU.model_copy(update={"floor": 0.01})


def told(signal: Signal, size: float, decades: float, points: int = 2) -> bool:
    """Whether so many points off by so much are told of, when it takes so many decades more."""
    values = 0.2 + 0.04 * np.random.default_rng(3).standard_normal((1, 305))
    values[0, 300 : 300 + points] += size
    watcher, state = Watcher((signal,)), WatchState()
    heard = False
    for now in range(297, 305):
        keys = (SeriesKey(signal.name, "orders"),)
        block = Block(keys, START, STEP, values[:, : now + 1])
        seen = watcher.advance(block, state, {(signal.name, "orders"): decades})
        heard, state = heard or bool(seen.anomalies), seen.state
    return heard


def test_not_useful_takes_more_to_fire_and_hides_neither_pages_nor_limits() -> None:
    assert told(FINE, 0.22, 0.0)
    assert not told(FINE, 0.22, 2.0)
    assert told(FINE, 0.22, 2.0, points=5)  # later, when it lasts
    felt = FINE.model_copy(update={"symptom": True})
    assert told(felt, 0.22, 2.0)
    assert told(POOL, 0.9, 2.0)  # beyond its limit


def test_what_was_forgotten_is_learnt_by_nobody_and_judged_all_the_same() -> None:
    keys = (SeriesKey("cpu", "orders"), SeriesKey("cpu", "web"))
    block = Block(keys, START, STEP, np.ones((2, 100)))
    hidden = block.values.copy()
    stretch = Unlearned(("ord*",), START + 40 * STEP, START + timedelta(days=1))
    forget(block, hidden, [stretch], points=3)
    assert np.isnan(hidden[0, 40:97]).all()
    assert np.isfinite(hidden[0, :40]).all()
    assert np.isfinite(hidden[0, 97:]).all()
    assert np.isfinite(hidden[1]).all()
