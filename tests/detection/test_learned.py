"""What the ensemble learnt of the watched series: carried on, saved, and asked before anything is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from chimera.detection import Block, Floats, Learned, SeriesKey, Watcher, WatchState
from chimera.detection.budget import false_alarms_at, unlike_for
from chimera.detection.learned_saved import loaded, saved
from chimera.domain import Signal, SignalKind
from chimera.flows.keeping import EVERY, KeptLearning

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=5)
WINDOW = 240
FIRST, APART = 190, 260  # of the bursts
CPU = Signal(name="cpu", kind=SignalKind.CPU, metric="m", floor=0.1)
KEYS = tuple(SeriesKey("cpu", service, (("pod", "a"),)) for service in ("orders", "web", "stock"))


def bursts(points: int = 1000) -> Floats:
    """Idle, and busy for three samples now and then: never twice in an hour's window."""
    values = np.random.default_rng(5).normal(0.2, 0.02, (len(KEYS), points))
    for start in range(FIRST, points, APART):
        values[:, start : start + 3] += 1.0
    return values


def look(
    values: Floats,
    now: int,
    state: WatchState | None,
    learned: Learned | None,
    watcher: Watcher,
    rows: slice = slice(None),
    window: int = WINDOW,
) -> tuple[WatchState, Learned | None, list[str]]:
    first = max(now + 1 - window, 0)
    block = Block(KEYS[rows], START + first * STEP, STEP, values[rows, first : now + 1])
    seen = watcher.advance(block, state, learned=learned)
    return seen.state, seen.learned, [a.id for a in seen.anomalies if not a.over]


def told(
    watcher: Watcher, values: Floats, first: int, past: int = WINDOW, *, restarts: bool = False
) -> set[str]:
    """Anomalies from `first` on; the first look has `past` points to go by."""
    state, learned, found = None, None, set[str]()
    for now in range(first, values.shape[1]):
        window = past if learned is None else WINDOW
        state, learned, active = look(values, now, state, learned, watcher, window=window)
        found.update(active)
        if restarts and learned is not None and now % 50 == 0:
            state = WatchState.model_validate_json(state.model_dump_json())
            learned = loaded(list(saved(learned)))
    return found


def test_what_a_series_did_long_before_the_window_is_not_told() -> None:
    values = bursts()
    asked, alone = (
        told(Watcher((CPU,), unlike=unlike), values, values.shape[1] - APART, WINDOW * 3)
        for unlike in (1.0, 0.0)
    )
    assert len(alone) == len(KEYS)  # its window has forgotten the bursts before
    assert not asked


def test_a_restart_goes_on_from_what_was_saved() -> None:
    values = bursts(700)
    watcher = Watcher((CPU,), unlike=1.0)
    assert told(watcher, values, 200, restarts=True) == told(watcher, values, 200)


def test_what_cannot_be_read_is_learnt_again() -> None:
    learned = look(bursts(400), 300, None, None, Watcher((CPU,)))[1]
    assert learned is not None
    (part,) = saved(learned)
    older = next(saved(replace(learned, until=START)))
    read = loaded(["", "x\ny", part[:-9], older, part])
    assert read is not None
    assert (read.series, read.until, read.period) == (learned.series, learned.until, learned.period)
    np.testing.assert_array_equal(read.memory.records, learned.memory.records)
    assert loaded(["", part.replace('"version":1', '"version":0')]) is None


def test_series_that_come_are_learnt_from_the_window() -> None:
    values = bursts(500)
    watcher = Watcher((CPU,))
    state, learned, _ = look(values, 400, None, None, watcher, slice(0, 2))
    _, joined, _ = look(values, 401, state, learned, watcher)
    alone = look(values, 401, WatchState(judged=START + 400 * STEP), None, watcher)[1]
    assert joined is not None
    assert alone is not None
    np.testing.assert_array_equal(joined.memory.records[2], alone.memory.records[2])


def test_more_series_or_a_smaller_budget_ask_for_more() -> None:
    minute = timedelta(minutes=1)
    for budget in (10.0, 100.0, 1000.0):
        gate = unlike_for(budget, 100, minute)
        assert gate <= unlike_for(budget, 1000, minute)
        assert gate <= unlike_for(budget / 2, 100, minute)
    assert unlike_for(1e9, 1, minute) == 0.0
    gate = unlike_for(100.0, 500, minute)
    assert false_alarms_at(gate, 500, minute) == pytest.approx(100.0)


class Told(dict[tuple[str, str], str]):
    """Notes in memory, and how often they were written."""

    writes = 0

    async def get(self, scope: str, key: str) -> str | None:  # type: ignore[override]
        return dict.get(self, (scope, key))

    async def put(self, scope: str, key: str, value: str) -> None:
        self.writes += 1
        self[scope, key] = value

    async def put_once(self, scope: str, key: str, value: str) -> bool:
        raise NotImplementedError


async def test_it_is_kept_now_and_then_and_found_after_a_restart() -> None:
    notes = Told()
    learned = look(bursts(400), 300, None, None, Watcher((CPU,)))[1]
    assert learned is not None
    kept = KeptLearning(notes, "practice")
    assert await kept.get() is None
    for seconds in (0, 5, 10):
        await kept.put(learned, START + timedelta(seconds=seconds))
    written = notes.writes
    assert written == 2
    await kept.put(learned, START + EVERY)
    assert notes.writes == 2 * written
    after = await KeptLearning(notes, "practice").get()
    assert after is not None
    assert after.until == learned.until
    assert await KeptLearning(notes, "other").get() is None
