"""Forecasts hold what their intervals say, and need no luck with the data."""

from __future__ import annotations

import numpy as np
import pytest

from chimera.bench.outlook import synthetic
from chimera.bench.outlook.backtest import rolling
from chimera.detection.base import Floats
from chimera.detection.forecast import Outlook, forecast, horizons


def own(values: Floats, ahead: Floats, period: int) -> Outlook:
    return forecast(values, ahead, period=period)


@pytest.mark.parametrize("history", [60, 480])
@pytest.mark.parametrize("kind", [synthetic.healthy, synthetic.leaks])
def test_nine_of_ten_truths_lie_in_the_interval(kind: object, history: int) -> None:
    assert callable(kind)
    drawn = kind(40, 960, 7, 160)
    ahead = np.array([1.0, 6.0, 24.0, 40.0] if history == 60 else [1.0, 12.0, 48.0, 96.0])
    found = rolling(drawn.values, history, ahead, own, every=60, began=drawn.began)
    assert 0.85 <= found.covered.mean() <= 0.96
    assert found.covered.min() >= 0.8
    # A fit of lines to less than half a season is worse than none, but not by much.
    assert found.score.mean() < found.naive_score.mean() * (1.15 if history == 60 else 1.0)


def test_what_is_certain_has_no_width() -> None:
    time = np.arange(60.0)
    said = forecast([np.full(60, 7.0), 3 + 0.5 * time], [1, 10, 200])
    assert np.allclose(said.centre, [[7, 7, 7], [33, 37.5, 132.5]])
    assert np.allclose(said.low, said.high)


def test_gaps_short_and_empty_series_are_no_trouble() -> None:
    rng = np.random.default_rng(3)
    values = 10 + rng.normal(size=(4, 60))
    values[0, ::3] = np.nan
    values[1, -5:] = np.nan
    values[2] = np.nan
    said = forecast(values, horizons(40))
    assert np.isnan(said.centre[2]).all()
    assert np.isfinite(said.quantiles[[0, 1, 3]]).all()
    assert (np.diff(said.quantiles[[0, 1, 3]], axis=2) >= -1e-9).all()
    for points in (0, 1, 2, 13):
        assert forecast(values[3:, :points], [1, 5]).centre.shape == (1, 2)


def test_a_season_that_was_seen_is_expected_again() -> None:
    time = np.arange(720)
    wave = 20 * np.sin(2 * np.pi * time / 120) + np.random.default_rng(1).normal(size=time.size)
    ahead = np.array([30.0, 60.0, 90.0])
    said = forecast(wave[:-90], ahead, period=120)
    truth = 20 * np.sin(2 * np.pi * (time.size - 91 + ahead) / 120)
    assert np.abs(said.centre[0] - truth).max() < 4
    assert (said.high - said.low).max() < 16


def test_a_series_in_another_unit_has_the_same_forecast_in_that_unit() -> None:
    values = np.random.default_rng(5).normal(size=(8, 240)).cumsum(axis=1)
    said, scaled = forecast(values, [1, 12, 60]), forecast(1e6 * values + 1e9, [1, 12, 60])
    assert np.allclose((scaled.quantiles - 1e9) / 1e6, said.quantiles, atol=1e-3)


def test_a_leak_that_has_just_begun_takes_over_from_a_long_calm() -> None:
    rng = np.random.default_rng(2)
    values = 40 + rng.normal(size=720)
    values[-80:] += 0.25 * np.arange(80)
    said = forecast(values, [100])
    assert said.low[0, 0] < 60 + 25 < said.high[0, 0]
    assert said.low[0, 0] > 70
