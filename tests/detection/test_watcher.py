"""What the Watcher tells of, and what it keeps to itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from chimera.detection import Block, Floats, Learned, SeriesKey, Watcher, WatchState
from chimera.detection.period import common_period
from chimera.domain import Anomaly, Signal, SignalKind

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=5)
HISTORY = 240

LATENCY = Signal(name="latency", kind=SignalKind.LATENCY, metric="m", floor=0.05, symptom=True)
POOL = Signal(name="pool", kind=SignalKind.POOL, metric="m", floor=0.1, limit=0.95)
UP = Signal(name="presence", kind=SignalKind.PRESENCE, metric="up", bad="down", limit=0.5)
DISK = Signal(name="disk", kind=SignalKind.DISK, metric="m", floor=0.05, limit=0.9)
CPU = Signal(name="cpu", kind=SignalKind.CPU, metric="m", floor=0.1)
TRAFFIC = Signal(name="traffic", kind=SignalKind.TRAFFIC, metric="m", bad="both", floor=2.0)


class Tape:
    """Plays rows point by point to a Watcher and keeps every anomaly's first and last state."""

    def __init__(self, *rows: tuple[Signal, str, Floats]) -> None:
        self.keys = tuple(SeriesKey(s.name, service, query=s.name) for s, service, _ in rows)
        self.values = np.stack([values for _, _, values in rows])
        self.scraped = np.isfinite(self.values)
        self.settling = np.zeros_like(self.scraped)
        signals = {s.name: s for s, _, _ in rows}
        self.watcher = Watcher(tuple(signals.values()))
        self.state: WatchState | None = None
        self.learned: Learned | None = None
        self.first: dict[str, tuple[int, Anomaly]] = {}
        self.ended: dict[str, int] = {}
        self.blind: list[int] = []

    def play(self, start: int, end: int | None = None, stride: int = 1) -> Tape:
        for now in range(start, end or self.values.shape[1], stride):
            begin = max(now + 1 - HISTORY * 3, 0)
            cut = slice(begin, now + 1)
            block = Block(
                self.keys,
                START + begin * STEP,
                STEP,
                self.values[:, cut],
                self.scraped[:, cut],
                self.settling[:, cut],
            )
            seen = self.watcher.advance(block, self.state, learned=self.learned)
            self.learned = seen.learned
            # A restart of the process loses nothing: the state is plain data.
            self.state = WatchState.model_validate_json(seen.state.model_dump_json())
            if seen.blind:
                self.blind.append(now)
            for anomaly in seen.anomalies:
                self.first.setdefault(anomaly.id, (now, anomaly))
                if anomaly.over:
                    self.ended[anomaly.id] = now
        return self

    @property
    def only(self) -> tuple[int, Anomaly]:
        assert len(self.first) == 1, [a for _, a in self.first.values()]
        return next(iter(self.first.values()))


def latency(points: int = 400, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).lognormal(-2.5, 0.15, points)


def test_a_step_is_told_at_its_second_sample_and_over_after_three_good_ones() -> None:
    values = latency()
    values[300:340] += 0.4
    tape = Tape((LATENCY, "orders", values)).play(HISTORY)
    at, anomaly = tape.only
    assert at <= 301
    assert anomaly.began == START + 300 * STEP
    assert anomaly.direction == "up"
    assert anomaly.symptom
    assert values[:300].mean() < anomaly.high < 0.4
    assert anomaly.low < anomaly.expected < anomaly.high
    assert tape.ended[anomaly.id] == 342


def test_a_single_hiccup_is_not_told() -> None:
    values = latency()
    values[300] += 0.2
    assert not Tape((LATENCY, "orders", values)).play(HISTORY).first


def test_a_single_point_beyond_doubt_is_told_at_once() -> None:
    values = latency()
    values[300:303] += 5.0
    assert Tape((LATENCY, "orders", values)).play(HISTORY).only[0] == 300


def test_what_is_smaller_than_the_floor_is_not_told() -> None:
    values = np.full(400, 0.1) + np.random.default_rng(0).normal(0, 1e-4, 400)
    values[300:] += 0.03
    assert not Tape((LATENCY, "orders", values)).play(HISTORY).first


def test_better_than_usual_is_no_trouble() -> None:
    values = latency()
    values[300:] *= 0.1
    assert not Tape((LATENCY, "orders", values)).play(HISTORY).first


def test_flapping_stays_one_anomaly() -> None:
    values = latency()
    for start in range(300, 330, 4):
        values[start : start + 2] += 0.5
    tape = Tape((LATENCY, "orders", values)).play(HISTORY)
    _, anomaly = tape.only
    assert tape.ended[anomaly.id] >= 330


def test_the_baseline_does_not_learn_the_fault() -> None:
    values = latency(700)
    values[300:500] += 0.4
    values[560:600] += 0.4
    tape = Tape((LATENCY, "orders", values)).play(HISTORY)
    starts = sorted(at for at, _ in tape.first.values())
    assert len(starts) == 2
    assert starts[0] <= 301
    assert starts[1] <= 561
    assert set(tape.ended.values()) == {502, 602}


def test_the_tenth_time_is_told_like_the_first() -> None:
    values = latency(HISTORY + 320)
    starts = range(HISTORY + 10, HISTORY + 310, 30)
    for start in starts:
        values[start : start + 8] += 0.4
    tape = Tape((LATENCY, "orders", values)).play(HISTORY)
    assert [at for at, _ in tape.first.values()] == pytest.approx(starts, abs=1)


def test_a_slow_leak_is_told_before_the_limit_is_reached() -> None:
    rng = np.random.default_rng(2)
    values = 0.3 + 0.1 * np.sin(np.arange(500) / 120 * 2 * np.pi) + rng.normal(0, 0.02, 500)
    values[300:] += np.minimum(np.arange(200) * 0.01, 0.7)
    values = np.clip(values, 0, 1)
    full = int(np.argmax(values >= 0.95))
    at, anomaly = Tape((POOL, "orders", values)).play(HISTORY, full).only
    assert at <= full - 6, f"told at {at}, full at {full}"
    assert anomaly.high < 0.95


def test_what_fills_up_is_foreseen_once_and_taken_back_when_it_stops() -> None:
    disk = DISK.model_copy(update={"horizon": 3600.0})  # 720 samples
    values = 0.3 + 0.002 * np.random.default_rng(5).standard_normal(700)
    values[300:500] += np.linspace(0.0, 0.2, 200)  # full at 890, had it gone on
    values[500:] += 0.2
    tape = Tape((disk, "orders", values)).play(HISTORY)
    told, anomaly = tape.only
    assert anomaly.detector == "forecast"
    assert "reaches 0.9 in" in anomaly.foreseen
    assert 300 < told < 460
    assert 500 < tape.ended[anomaly.id] < 640


def test_the_limit_is_trouble_without_any_history() -> None:
    values = np.full(12, 0.99)
    assert Tape((POOL, "orders", values)).play(3, 12).only[1].detector == "limit"


def test_a_daily_swing_towards_the_limit_is_no_leak() -> None:
    rng = np.random.default_rng(3)
    values = 0.5 - 0.35 * np.cos(np.arange(900) / 120 * 2 * np.pi) + rng.normal(0, 0.02, 900)
    assert not Tape((POOL, "orders", values)).play(HISTORY).first


def test_a_target_that_is_gone_is_told_once_by_its_presence() -> None:
    up, other = np.ones(320), np.ones(320)
    values = latency(320)
    up[300:], values[300:] = np.nan, np.nan
    tape = Tape((UP, "orders", up), (LATENCY, "orders", values), (UP, "stock", other))
    at, anomaly = tape.play(HISTORY).only
    assert (at, anomaly.direction, anomaly.signal) == (301, "missing", "presence")
    assert anomaly.began == START + 300 * STEP


def test_one_missed_scrape_is_not_told() -> None:
    up, values = np.ones(320), latency(320)
    values[300], up[300] = np.nan, np.nan
    tape = Tape((UP, "orders", up), (LATENCY, "orders", values), (UP, "stock", np.ones(320)))
    assert not tape.play(HISTORY).first


def test_a_target_that_answers_no_scrape_is_down() -> None:
    up = np.ones(320)
    up[300:310] = 0.0
    tape = Tape((UP, "orders", up), (UP, "stock", np.ones(320))).play(HISTORY)
    at, anomaly = tape.only
    assert (at, anomaly.direction) == (301, "down")
    assert tape.ended[anomaly.id] == 312


def test_no_traffic_is_not_missing() -> None:
    values = latency(320)
    values[300:] = np.nan
    tape = Tape((LATENCY, "orders", values))
    tape.scraped[:] = True
    assert not tape.play(HISTORY).first


def test_when_nothing_can_be_read_nobody_is_blamed() -> None:
    rows = [(LATENCY, f"s{i}", latency(340, seed=i)) for i in range(12)]
    for _, _, values in rows:
        values[300:320] = np.nan
    tape = Tape(*rows).play(HISTORY)
    assert not tape.first
    assert tape.blind == list(range(300, 320))


def test_a_restart_is_no_anomaly_of_what_a_restart_moves() -> None:
    values = np.random.default_rng(0).normal(0.1, 0.01, 330)
    values[300:303] = 0.9
    tape = Tape((CPU, "orders", values))
    tape.settling[0, 300:303] = True
    assert not tape.play(HISTORY).first


def test_skipped_runs_are_caught_up() -> None:
    values = latency()
    values[300:340] += 0.4
    tape = Tape((LATENCY, "orders", values)).play(HISTORY, stride=5)
    assert tape.only[1].began == START + 300 * STEP


def test_the_same_onset_has_the_same_id() -> None:
    values = latency()
    values[300:340] += 0.4
    one, two = (Tape((LATENCY, "orders", values)).play(HISTORY).only[1].id for _ in range(2))
    assert one == two


@pytest.mark.timeout(60)
def test_a_healthy_seasonal_estate_is_quiet() -> None:
    rng = np.random.default_rng(7)
    time = np.arange(HISTORY + 400)
    day = 1 - 0.5 * np.cos(time / 120 * 2 * np.pi)
    rows: list[tuple[Signal, str, Floats]] = []
    errors = Signal(name="errors", kind=SignalKind.ERRORS, metric="m", floor=0.06)
    p95 = Signal(name="p95", kind=SignalKind.LATENCY, metric="m", floor=0.25)
    queue = Signal(name="queue", kind=SignalKind.QUEUE, metric="m", floor=5.0)
    memory = Signal(name="memory", kind=SignalKind.MEMORY, metric="m", floor=25e6)
    for i in range(13):
        name = f"s{i}"
        requests = rng.poisson(50 * day + 2)
        slow = [rng.lognormal(-3, 0.6, max(n, 2)) for n in requests]
        wander = np.zeros(len(time))
        for t in range(1, len(time)):
            wander[t] = 0.9 * wander[t - 1] + rng.normal(0, 0.02)
        rows += [
            (TRAFFIC, name, requests / 5.0),
            (errors, name, rng.binomial(requests, 0.004) / np.maximum(requests, 1)),
            (LATENCY, name, np.array([x.mean() for x in slow])),
            (p95, name, np.array([np.quantile(x, 0.95) for x in slow])),
            (POOL, name, np.clip(0.3 * day + wander, 0, 1)),
            (queue, name, rng.poisson(0.3 * day).astype(float)),
            (memory, name, 1e8 + np.cumsum(rng.exponential(3e3, len(time)))),
            (CPU, name, 0.05 * day + rng.exponential(0.01, len(time))),
        ]
    tape = Tape(*rows).play(HISTORY)
    assert len(rows) >= 100
    assert not tape.first, [(a.signal, a.observed, a.high) for _, a in tape.first.values()]


@pytest.mark.parametrize("period", [90, 120, 200])
def test_the_length_of_a_day_is_found(period: int) -> None:
    rng = np.random.default_rng(period)
    time = np.arange(720)
    day = 1 - 0.5 * np.cos(time / period * 2 * np.pi)
    seasonal = [rng.poisson(50 * day) for _ in range(10)]
    others = [np.cumsum(rng.normal(0, 1, 720)) for _ in range(20)] + [np.ones(720)] * 10
    assert abs(common_period(np.array([*seasonal, *others], dtype=float)) - period) <= 1
    assert common_period(np.array(others, dtype=float)) == 0


def test_a_series_of_a_target_that_answers_is_given_more_time() -> None:
    values = latency(330)
    values[300:304], values[310:330] = np.nan, np.nan
    tape = Tape((UP, "orders", np.ones(330)), (LATENCY, "orders", values), (UP, "s", np.ones(330)))
    at, anomaly = tape.play(HISTORY).only
    assert (at, anomaly.signal, anomaly.direction) == (315, "latency", "missing")
