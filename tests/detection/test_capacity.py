"""What runs out is told before it does, once, and taken back when it no longer holds."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from pydantic import TypeAdapter

from chimera.bench.outlook import synthetic
from chimera.bench.outlook.leads import false_warnings, follow
from chimera.bench.outlook.run import signals_watched, watched
from chimera.detection.base import Block, Floats
from chimera.detection.capacity import seconds_left, time_to_limit
from chimera.detection.capacity_told import Filling, RunsOut, spoken
from chimera.detection.capacity_verdict import CALM, runs_out
from chimera.domain import Signal, SignalKind

DISK = Signal(name="disk", kind=SignalKind.DISK, metric="disk", limit=100.0, floor=2.0)
STATE: TypeAdapter[tuple[Filling, ...]] = TypeAdapter(tuple[Filling, ...])


def watch(line: Floats, start: int = 60, within: float = 240.0) -> list[tuple[int, RunsOut]]:
    """Every verdict, with the sample at which it was given; the state goes through JSON."""
    state: tuple[Filling, ...] = ()
    found = []
    for end in range(start, len(line) + 1, 4):
        block = Block.of(line[max(end - 480, 0) : end], step=60.0)
        verdicts, state = runs_out(block, [DISK], within, state)
        state = STATE.validate_json(STATE.dump_json(state))
        found += [(end, verdict) for verdict in verdicts]
    return found


def leak(calm: int, rises: int, slope: float, seed: int = 1) -> Floats:
    noise = np.random.default_rng(seed).normal(size=calm + rises)
    return 40 + noise + slope * np.maximum(np.arange(calm + rises) - calm, 0)


def test_a_leak_is_told_once_in_time_and_the_truth_is_in_the_interval() -> None:
    line = leak(300, 460, 0.15)
    reached = int(np.argmax(line >= 100))
    found = watch(line[:reached])
    first, said = found[0]
    assert 330 < first < reached - 120  # not before it can be seen, and two hours ahead
    assert len({verdict.began for _, verdict in found}) == 1
    assert [end for end, _ in found] == list(range(first, reached + 1, 4))  # and never let go
    inside = [
        (v.soonest or timedelta())
        <= timedelta(minutes=reached - end)
        <= (v.latest or timedelta.max)
        for end, v in found
    ]
    assert np.mean(inside) > 0.7
    anomaly = said.anomaly(DISK)
    assert (anomaly.detector, anomaly.direction, anomaly.over) == ("forecast", "up", False)
    assert anomaly.id == found[-1][1].anomaly(DISK).id
    assert 40 < anomaly.high < said.value < 100
    assert said.words().startswith("reaches 100 in ")


def test_it_is_taken_back_after_a_repair_with_its_reason_and_not_at_the_first_good_sample() -> None:
    line = leak(300, 350, 0.15)
    line[550:] -= line[550:] - 40 - np.random.default_rng(4).normal(size=100)
    found = watch(line)
    ended = [(end, v) for end, v in found if v.ended]
    assert len(ended) == 1
    at, verdict = ended[0]
    assert 550 + 4 * (CALM - 1) <= at <= 600
    assert verdict.words() == "no longer heads for 100"
    assert verdict.anomaly(DISK).over
    assert found[-1] == ended[0]  # nothing after it


def test_at_the_limit_the_limit_speaks() -> None:
    found = watch(leak(300, 460, 0.15))
    assert [v.reason for _, v in found if v.ended] == ["has reached 100"]


@pytest.mark.parametrize("seed", [11, 12])
def test_what_is_healthy_is_never_told_to_run_out(seed: int) -> None:
    for period in (0, 160):
        found = follow(synthetic.healthy(24, 800, seed, period), 480, 160.0)
        assert found.nothing.sum() <= 1


def test_the_healthy_practice_estate_is_never_told_to_run_out() -> None:
    told, looked = false_warnings(watched(None), signals_watched(), 60.0, look=8)
    assert told == 0
    assert looked > 5000


def test_a_process_that_warms_up_after_a_restart_is_no_leak() -> None:
    line = 60 + np.random.default_rng(6).normal(size=500) * 0.5
    line[300:] -= 30 * np.exp(-np.arange(200) / 40)
    assert watch(line) == []


def test_no_data_is_no_verdict_and_ends_none() -> None:
    line = leak(300, 260, 0.15)
    line[-40:] = np.nan
    late = [end for end, _ in watch(line)]
    assert 480 < max(late) <= 520
    assert not any(v.ended for _, v in watch(line))


def test_a_certificate_runs_down_like_a_clock() -> None:
    day = 86400.0
    left = seconds_left(np.full((2, 60), [[1e9 + 10 * day], [1e9 + 90 * day]]), 1e9, 60.0)
    found = time_to_limit(left, 0.0, 14 * day / 60, falls=True)
    assert found.middle[0] * 60 == pytest.approx(10 * day - 59 * 60, rel=1e-6)
    assert found.soonest[0] == pytest.approx(found.latest[0])
    assert found.probability.tolist() == [1.0, 0.0]


def test_what_falls_is_what_rises_upside_down() -> None:
    values = leak(200, 200, 0.2)[None]
    up = time_to_limit(values, 100.0, 240)
    down = time_to_limit(-values, -100.0, 240, falls=True)
    for name in ("middle", "soonest", "latest", "probability"):
        assert np.allclose(getattr(up, name), getattr(down, name))
    assert up.soonest[0] < up.middle[0] < up.latest[0]


def test_spans_are_spoken_as_people_do() -> None:
    spans = {40: "40 s", 720: "12 min", 20400: "5 h 40 min", 100_000: "28 h", 800_000: "9 d"}
    for seconds, words in spans.items():
        assert spoken(timedelta(seconds=seconds)) == words
