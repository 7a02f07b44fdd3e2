"""One contract over every specialist, each with the trouble that is its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

import chimera.detection
from chimera.bench.numenta.normal import healthy
from chimera.detection.base import Block, Detector, Floats, Scorer, SeriesKey
from chimera.detection.engine.memory import BYTES
from chimera.detection.specialists import SPECIALISTS, Specialist
from chimera.detection.specialists.records import Records
from chimera.domain.discovery import discover

STEP = 300.0
TIME, AT, LONG = 3000, 2500, 120  # ten days; where the trouble begins; its length
ROWS = 6
LOSES = (30, 700, 1300)  # columns from which each row has lost two samples


def everyone() -> list[type[Specialist]]:
    return list(discover(chimera.detection, Specialist).values())


every = pytest.mark.parametrize("kind", everyone(), ids=lambda kind: kind.name)


def block(values: Floats, first: int = 0, last: int | None = None) -> Block:
    keys = tuple(SeriesKey(f"signal-{n}", "shop") for n in range(len(values)))
    whole = Block(keys, datetime.fromtimestamp(0, UTC), timedelta(seconds=STEP), values)
    return Block(keys, whole.at(first), whole.step, values[:, first:last])


def calm(kind: type[Specialist], time: int = TIME, seed: int = 0) -> Floats:
    """What a specialist looks at when nothing is odd."""
    random = np.random.default_rng(seed)
    if kind.name == "rare":
        return (random.random((ROWS, time)) < 0.01) * random.uniform(1, 2, (ROWS, time))
    load = np.sin(2 * np.pi * np.arange(time) * STEP / 86400) + random.normal(size=time)
    sizes = np.arange(1, ROWS + 1)[:, None]
    return np.asarray(50 * sizes + sizes * (load + 0.2 * random.normal(size=(ROWS, time))))


def troubled(kind: type[Specialist], values: Floats, at: int = AT) -> Floats:
    """The same with what this specialist is for, in the second row."""
    random = np.random.default_rng(9)
    out = values.copy()
    row, odd = out[1], slice(at, at + LONG)
    trouble: dict[str, Callable[[], None]] = {
        "gap": lambda: row.__setitem__(odd, np.nan),
        "flat": lambda: row.__setitem__(odd, row[at - 1]),
        "variance": lambda: row.__setitem__(odd, row[odd] + random.normal(scale=25, size=LONG)),
        "rare": lambda: row.__setitem__(odd, random.integers(0, 2, LONG) * random.random(LONG)),
        "drift": lambda: row.__iadd__(0.02 * np.clip(np.arange(row.size) - at + 1400, 0, None)),
        "group": lambda: row.__setitem__(odd, 200 - row[odd]),
    }
    trouble[kind.name]()
    return out


def test_there_is_one_for_each_trouble_and_none_is_in_the_live_loop() -> None:
    assert sorted(SPECIALISTS, key=str) == sorted(everyone(), key=str)
    assert not any(issubclass(kind, Detector | Scorer) for kind in everyone())
    assert not any(inspect.isabstract(kind) for kind in everyone())


@every
def test_its_own_trouble_stands_out(kind: type[Specialist]) -> None:
    usual = calm(kind)
    quiet, _ = kind().score(block(usual))
    look = kind().look(block(troubled(kind, usual)), reasons=True)
    told = look.decades[:, AT : AT + LONG + 100]
    assert told.max() > 3.0
    assert told.max() > quiet.max()
    row, column = np.unravel_index(told.argmax(), told.shape)
    assert row == 1
    assert look.alarms[1, AT - 1400 : AT + LONG].any()
    assert look.reasons is not None
    reasons = (float(side[row, AT + column]) for side in look.reasons)
    assert kind().words(*reasons, timedelta(seconds=STEP))


@every
def test_what_is_usual_is_rarely_surprising(kind: type[Specialist]) -> None:
    values = np.concatenate([healthy(66, 4000, STEP, seed) for seed in (901, 902)])
    look = kind().look(block(values))
    assert (look.decades >= 2).mean() < 0.03
    assert (look.decades >= 3).mean() < 0.003
    assert (look.decades[look.alarms] >= 4).sum() < 25


@every
def test_no_score_depends_on_the_future(kind: type[Specialist]) -> None:
    values = troubled(kind, calm(kind))
    whole, _ = kind().score(block(values))
    for last in (1, 7, 399, AT - 1, AT + 13, *np.random.default_rng(1).integers(2, TIME, 3)):
        part, _ = kind().score(block(values, 0, last))
        np.testing.assert_array_equal(part, whole[:, :last])


@every
def test_any_chunking_and_any_restart_gives_the_same(kind: type[Specialist]) -> None:
    values = troubled(kind, calm(kind))
    for at in LOSES:
        values[:, at : at + 2] = np.nan
    whole = kind().look(block(values))
    state, parts = None, []
    edges = (0, 1, 2, 701, 1000, 2400, AT + 3, AT + 4, TIME)
    for first, last in pairwise(edges):
        look = kind().look(block(values, first, last), state)
        state = Records.load(kind.name, kind.record, look.state.save())
        parts.append(look)
    np.testing.assert_array_equal(np.concatenate([p.raw for p in parts], 1), whole.raw)
    np.testing.assert_array_equal(np.concatenate([p.alarms for p in parts], 1), whole.alarms)


@every
def test_scores_are_finite_whatever_comes(kind: type[Specialist]) -> None:
    values = calm(kind)
    values[0] = np.nan
    values[1, ::2] = np.nan
    values[2, 40:90] = np.inf
    values[3, 1000:1010] = 1e300
    values[4, 500:] = -1e18
    scores, _ = kind().score(block(values))
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()
    assert (scores[0] == 0).all()


@every
def test_a_constant_is_no_surprise(kind: type[Specialist]) -> None:
    scores, _ = kind().score(block(np.full((3, TIME), [[0.0], [7.0], [1e12]])))
    assert (scores == 0).all()


@every
@pytest.mark.parametrize("shape", [(1, 0), (0, 10), (1, 1), (3, 2)])
def test_next_to_nothing_is_scored_zero(kind: type[Specialist], shape: tuple[int, int]) -> None:
    scores, state = kind().score(block(np.ones(shape)))
    assert scores.shape == shape
    again, _ = kind().score(block(np.ones(shape)), state)
    assert (scores == 0).all()
    assert (again == 0).all()


@every
def test_units_do_not_matter(kind: type[Specialist]) -> None:
    values = troubled(kind, calm(kind))
    scores, _ = kind().score(block(values))
    for scale, shift in ((1e6, 0.0), (1e-6, 0.0), (1.0, 500.0), (-1.0, 0.0)):
        other, _ = kind().score(block(values * scale + shift))
        np.testing.assert_allclose(other, scores, rtol=0.02, atol=0.02)


@every
def test_a_counter_that_starts_again_is_no_surprise(kind: type[Specialist]) -> None:
    """As the reader gives it: rates, and no value where the counter began anew."""
    rates = np.random.default_rng(7).poisson(150.0, (ROWS, TIME)) / STEP
    rates[:, 2000] = np.nan
    scores, _ = kind().score(block(rates))
    assert scores.max() < 5


@every
def test_after_a_million_points_the_last_ones_still_count(kind: type[Specialist]) -> None:
    state, pieces = None, 60
    for piece in range(pieces):
        values = calm(kind, seed=piece)
        if piece == pieces - 1:
            values = troubled(kind, values)
        start = piece * TIME
        shifted = Block(
            block(values).keys, block(values).at(start), timedelta(seconds=STEP), values
        )
        scores, state = kind().score(shifted, state)
        assert np.isfinite(scores).all()
    assert scores[1, AT : AT + LONG + 100].max() > 3.0


def test_the_state_of_a_series_is_at_most_32_kib_with_the_ensembles() -> None:
    assert BYTES + sum(kind.record.itemsize for kind in everyone()) <= 32 * 1024


@every
def test_another_state_is_refused(kind: type[Specialist]) -> None:
    saved = kind().fresh(2).save()
    assert len(Records.load(kind.name, kind.record, saved)) == 2
    for broken in (b"", saved[:-1], saved[:15] + b"\x63" + saved[16:], b"x" * 10_000):
        with pytest.raises(ValueError, match="start from a fresh one"):
            Records.load(kind.name, kind.record, broken)
    with pytest.raises(ValueError, match="3 series from a state of 2 series"):
        kind().score(block(np.ones((3, 5))), kind().fresh(2))
