"""One contract, over every detector there is or will be."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import chimera.detection
from chimera.detection.base import Block, Detector, Floats, Scorer, SeriesKey
from chimera.detection.ensemble import Ensemble
from chimera.domain import Signal
from chimera.platform.observability import RawSeries
from chimera.platform.observability.grid import Grid
from chimera.platform.observability.queries import selectors
from chimera.platform.observability.signals import UP, block_of


def detectors() -> list[type[Scorer]]:
    """Every concrete scorer in the package, found by looking."""
    names = [m.name for m in pkgutil.iter_modules(chimera.detection.__path__, "chimera.detection.")]
    kinds = {
        kind
        for name in names
        for _, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if issubclass(kind, Scorer) and not inspect.isabstract(kind)
    }
    return sorted(kinds, key=lambda kind: kind.__name__)


def sure(kind: type[Scorer], decades: float) -> float:
    """A surprise that was calibrated on all kinds of series is slower to be sure of any."""
    return decades if issubclass(kind, Detector) else 0.6 * decades


every = pytest.mark.parametrize("kind", detectors())


def noise(seed: int = 0, series: int = 4, time: int = 300) -> Floats:
    return np.random.default_rng(seed).normal(10.0, 1.0, (series, time))


def test_there_are_detectors() -> None:
    assert len(detectors()) >= 2
    assert len({kind().name for kind in detectors()}) == len(detectors())


@every
def test_a_spike_ranks_above_noise(kind: type[Scorer]) -> None:
    values = noise()
    values[:, 200] += 100.0
    scores, _ = kind().score(Block.of(values))
    assert (scores[:, 200] > sure(kind, 6)).all()
    assert (scores.argmax(axis=1) == 200).all()


@every
def test_noise_is_rarely_surprising(kind: type[Scorer]) -> None:
    scores, _ = kind().score(Block.of(noise(series=50, time=400)))
    settled = scores[:, 100:]
    assert (settled > 2).mean() < 0.03
    assert (settled > 4).mean() < 0.001


@every
@pytest.mark.parametrize("size", [8.0, -8.0])
def test_a_jump_is_seen_by_its_second_sample(kind: type[Scorer], size: float) -> None:
    values = noise()
    values[:, 200:] += size
    scores, _ = kind().score(Block.of(values))
    assert (scores[:, 200:202].max(axis=1) > sure(kind, 4)).all()


@every
def test_a_slow_leak_is_seen_before_long(kind: type[Scorer]) -> None:
    values = noise(series=20)
    values[:, 200:] += 0.5 * np.arange(100)
    scores, _ = kind().score(Block.of(values))
    assert (scores[:, 200:240].max(axis=1) > sure(kind, 3.5)).all()


@every
def test_a_short_history_is_enough_for_a_large_jump(kind: type[Scorer]) -> None:
    values = noise(series=10, time=42)
    values[:, 40:] += 15.0
    scores, _ = kind().score(Block.of(values))
    assert (scores[:, 40:].max(axis=1) > sure(kind, 4)).all()


@every
def test_no_score_depends_on_the_future(kind: type[Scorer]) -> None:
    values = noise(seed=1)
    values[0, 150:] += 20
    values[1, 40:60] = np.nan
    whole, _ = kind().score(Block.of(values))
    for cut in (1, 7, 59, 151, 299):
        part, _ = kind().score(Block.of(values[:, :cut]))
        np.testing.assert_array_equal(part, whole[:, :cut])


@every
def test_any_chunking_gives_the_same_scores(kind: type[Scorer]) -> None:
    values = noise(seed=2)
    values[0, 150:] += 20
    whole, _ = kind().score(Block.of(values))
    detector, state, parts = kind(), None, []
    for start, end in ((0, 1), (1, 2), (2, 90), (90, 151), (151, 300)):
        scores, state = detector.score(Block.of(values[:, start:end]), state)
        parts.append(scores)
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole)


@every
def test_a_fitted_detector_goes_on_where_the_history_ended(kind: type[Scorer]) -> None:
    values = noise(seed=3)
    whole, _ = kind().score(Block.of(values))
    after, _ = kind().fit(values[:, :200]).score(Block.of(values[:, 200:]))
    np.testing.assert_allclose(after, whole[:, 200:])


@every
def test_gaps_are_nan_and_everything_else_is_finite(kind: type[Scorer]) -> None:
    values = noise(seed=4)
    values[:, 50:80] = np.nan
    values[2] = np.nan
    values[3, ::2] = np.nan
    scores, _ = kind().score(Block.of(values))
    np.testing.assert_array_equal(np.isnan(scores), np.isnan(values))
    known = scores[np.isfinite(scores)]
    assert ((known >= 0) & (known <= 10)).all()


@every
def test_a_constant_is_no_surprise_until_it_changes(kind: type[Scorer]) -> None:
    values = np.full((3, 200), [[0.0], [7.0], [1e12]])
    values[:, 150] *= 1.5
    values[0, 150] = 1.0
    scores, _ = kind().score(Block.of(values))
    assert (scores[:, :150] == 0).all()
    assert (scores[:, 150] > sure(kind, 6)).all()


@every
@pytest.mark.parametrize("shape", [(1, 0), (0, 10), (1, 1), (3, 2)])
def test_next_to_nothing_is_scored_zero(kind: type[Scorer], shape: tuple[int, int]) -> None:
    keys = tuple(SeriesKey(str(i), "") for i in range(shape[0]))
    block = Block(keys, datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=5), np.ones(shape))
    scores, state = kind().score(block)
    assert scores.shape == shape
    assert (scores == 0).all()
    again, _ = kind().score(block, state)
    assert (again == 0).all()


@every
def test_units_do_not_matter(kind: type[Scorer]) -> None:
    values = noise(seed=5)
    values[:, 200:205] += 6
    scores, _ = kind().score(Block.of(values))
    for scale, shift in ((1e6, 0.0), (1e-6, 0.0), (1.0, 500.0), (-1.0, 0.0)):
        other, _ = kind().score(Block.of(values * scale + shift))
        # The ensemble keeps values in single precision; its ranks differ a little for it.
        close = 2e-3 if kind is Ensemble else 1e-6
        np.testing.assert_allclose(other, scores, rtol=close, atol=close)


@every
def test_a_million_points_are_scored_and_the_last_one_still_counts(kind: type[Scorer]) -> None:
    """A thousand times the memory that any detector has, in pieces as they come."""
    detector, state = kind(), None
    for piece in range(10):
        values = noise(seed=piece, series=50, time=2000)
        if piece == 9:
            values[:, -1] += 100.0
        scores, state = detector.score(Block.of(values), state)
        assert np.isfinite(scores).all()
    assert (scores[:, -1] > sure(kind, 6)).all()
    assert (scores[:, :-1] > 6).mean() < 0.001


@every
def test_a_counter_that_starts_again_is_no_surprise(kind: type[Scorer]) -> None:
    """Through the reader, which makes rates of counters: a restart is no burst and no gap."""
    grid = Grid(datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=15), 300)
    signal = Signal(name="requests", metric="requests_total", read="rate")
    counts = np.cumsum(np.random.default_rng(7).poisson(150.0, grid.points)).astype(np.float64)
    counts[200:] -= counts[199]  # the process was started anew
    labels = {"service": "shop", "job": "shop", "instance": "a"}
    raw = {
        selectors(signal)["top"]: [RawSeries(labels, grid.times, counts)],
        UP: [RawSeries(labels, grid.times, np.ones(grid.points))],
    }
    found = block_of([signal], raw, grid)
    assert np.isfinite(found.values[:, 2:]).all()
    scores, _ = kind().score(found)
    assert (scores[:, 150:] < sure(kind, 4)).all()


@every
def test_an_effect_below_the_floor_surprises_less(kind: type[Scorer]) -> None:
    values = np.full((1, 100), 5.0)
    values[0, 90:] = 5.01
    unknown, _ = kind().score(Block.of(values))
    told, _ = kind().score(Block.of(values, floor=1.0))
    assert unknown[0, 90:92].max() > sure(kind, 5)
    assert told.max() < 1


@every
def test_the_expected_band_holds_what_is_usual(kind: type[Scorer]) -> None:
    values = noise(seed=6, series=30)
    low, centre, high = kind().expected(Block.of(values))
    inside = (values >= low) & (values <= high)
    assert inside[:, 100:].mean() > 0.99
    assert (low[:, 100:] < centre[:, 100:]).all()
    assert (centre[:, 100:] < high[:, 100:]).all()
