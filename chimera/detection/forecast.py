"""Where series are going, and how sure that is.

Several simple forecasters look ahead from many origins in the past. How wrong each was at a horizon
gives its weight there (Bates and Granger, 1969); how wrong their weighted mean was gives the
interval (split conformal prediction: Vovk et al., 2005; Stankeviciute et al., 2021). So an interval
is as wide as this series deserves at this horizon, without a model of its noise. Where the
forecasters are further apart than they used to be, it is wider.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from chimera.detection.base import Floats
from chimera.detection.forecast_doubt import surer
from chimera.detection.forecast_errors import LEVELS, by_horizon
from chimera.detection.forecast_models import Prepared, lines, prepare, seasons
from chimera.detection.forecast_trend import Trend, new_trend

ORIGINS = 160  # moments of the past from which the forecasters look ahead
SHARP = 5.0  # how much more the better forecasters weigh
FRESH = 0.5  # share of the history after which an old error counts half
MEMORY = 1.0  # share of the history after which its say about the interval has halved
MOST = 0.6  # share of the weight that must have been there for an error to count
LOOKS, LEAST = 0.25, 60  # share of the errors, and samples, that must remain then
AT_ONCE = 64  # series
FEW = 12  # with fewer samples only the last value is known


@dataclass(frozen=True)
class Settings:
    """One set for everything; found by `chimera bench forecast`."""

    sharp: float = SHARP
    fresh: float = FRESH
    memory: float = MEMORY
    origins: int = ORIGINS


@dataclass(frozen=True, eq=False)
class Outlook:
    """What series (series) will be `ahead` samples from their newest one.

    `centre` is (series, horizons); `quantiles` (series, horizons, levels) at `levels`. NaN for a
    series without values.
    """

    ahead: Floats
    centre: Floats
    quantiles: Floats
    levels: tuple[float, ...] = field(default=LEVELS)

    @property
    def low(self) -> Floats:
        """The lower end of the 90 % interval."""
        return np.asarray(self.quantiles[..., 0])

    @property
    def high(self) -> Floats:
        """The upper end of the 90 % interval."""
        return np.asarray(self.quantiles[..., -1])


def horizons(furthest: float, points: int = 16) -> Floats:
    """Samples ahead, from 1 to `furthest`, closer together near by; whole, ascending."""
    grid = np.geomspace(1, max(furthest, 1), points)
    return np.asarray(np.unique(np.round(grid)), dtype=np.float64)


def forecast(
    values: npt.ArrayLike,
    ahead: npt.ArrayLike,
    *,
    period: int = 0,
    settings: Settings | None = None,
) -> Outlook:
    """Forecast series from their newest sample.

    Args:
        values: (series, time), evenly spaced; NaN are gaps. 60 samples are a history, 12 the least.
        ahead: horizons in samples, ascending, from 1 on; they may be longer than the history.
        period: samples of a day, or of what else repeats (`period.common_period` finds it); 0: none.
    """
    settings = settings or Settings()
    array = np.atleast_2d(np.asarray(values, dtype=np.float64))
    steps = np.atleast_1d(np.asarray(ahead, dtype=np.float64))
    # A few series at a time fit into the processor's cache.
    parts = [
        _forecast(array[first : first + AT_ONCE], steps, period, settings)
        for first in range(0, max(len(array), 1), AT_ONCE)
    ]
    return Outlook(
        steps,
        np.concatenate([part.centre for part in parts]),
        np.concatenate([part.quantiles for part in parts]),
    )


def _forecast(array: Floats, steps: Floats, period: int, settings: Settings) -> Outlook:
    time = array.shape[1]
    shape = (len(array), len(steps))
    if time == 0 or not len(array):
        return Outlook(steps, np.full(shape, np.nan), np.full((*shape, len(LEVELS)), np.nan))
    past = prepare(array)
    first = min(FEW, time - 1)
    origins = np.unique(np.linspace(first, time - 1, settings.origins).round().astype(np.intp))
    drawn = list(lines(past, origins))
    centre = np.full(shape, np.nan)
    errors: list[Floats] = []
    weights: list[Floats] = []
    for column, step in enumerate(steps):
        expected, wrong, fresh = _from_all(past, origins, drawn, step, period, settings)
        centre[:, column] = expected
        errors.append(wrong)
        weights.append(fresh)
    quantiles = centre[..., None] + by_horizon(errors, weights, steps, time - first)
    _take_over(new_trend(past), steps, centre, quantiles)
    quantiles = np.sort(quantiles, axis=2)
    nothing = ~np.isfinite(array).any(axis=1)
    centre[nothing], quantiles[nothing] = np.nan, np.nan
    return Outlook(steps, centre, quantiles)


def _take_over(trend: Trend, steps: Floats, centre: Floats, quantiles: Floats) -> None:
    """Where a trend has just begun, its line and the doubt about it replace the forecast."""
    rows = np.flatnonzero(trend.new)
    if not rows.size:
        return
    # Near by, what was usual still holds: the line's say grows with the horizon.
    share = np.minimum(steps / trend.width[rows, None], 1.0)
    drawn = trend.level[rows, None] + trend.slope[rows, None] * steps
    sigmas = ndtri(np.array(LEVELS))
    spread = drawn[..., None] + trend.spread(steps)[rows][..., None] * sigmas
    centre[rows] = share * drawn + (1 - share) * centre[rows]
    quantiles[rows] = share[..., None] * spread + (1 - share[..., None]) * quantiles[rows]


def _from_all(
    past: Prepared,
    origins: npt.NDArray[np.intp],
    drawn: list[tuple[Floats, Floats]],
    step: float,
    period: int,
    settings: Settings,
) -> tuple[Floats, Floats, Floats]:
    """The weighted forecast (series,), how wrong it was from earlier origins (series, n), and how
    much each of those origins counts (n,)."""
    time = past.values.shape[1]
    whole = round(step)
    there = origins + whole
    known = there < time
    told = [level + slope * step for level, slope in drawn]
    if period > 1 and whole + period < time:
        told += list(seasons(past, origins, whole, period))
    # (forecasters, series, origins)
    said = np.stack(told)
    newest = said[..., -1]
    if not known.any():
        # Further than anything seen: the forecasters are weighed at the longest horizon there is.
        whole = int(time - 1 - origins[0]) // 2
        there = origins + whole
        known = there < time
        said = np.stack([level + slope * whole for level, slope in drawn])
        newest = newest[: len(said)]
    truth = past.values[:, there[known]]
    wrong = truth[None] - said[..., known]
    age = (there[known][-1] - there[known]) / time
    fresh = np.where(np.isfinite(wrong), np.exp2(-age / settings.fresh), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.nan_to_num(np.abs(wrong)) * fresh).sum(axis=2) / fresh.sum(axis=2)
        seen = fresh.sum(axis=2) / fresh.sum(axis=2).max(axis=0)
    usable = np.isfinite(mean) & np.isfinite(newest) & (seen >= 0.25)
    usable[0] |= ~usable.any(axis=0)
    mean = np.where(usable, np.nan_to_num(mean), np.inf)
    least = mean.min(axis=0)
    scale = np.abs(past.values[:, -1:].T)
    tiny = np.nan_to_num(scale[0]) * 1e-12 + 1e-300
    weight = np.where(usable, (mean / np.maximum(least, tiny) + 1e-9) ** -settings.sharp, 0.0)
    weight = np.where(np.isfinite(weight), weight, usable / usable.sum(axis=0))
    weight /= weight.sum(axis=0)
    expected = (np.nan_to_num(newest) * weight).sum(axis=0)
    # From origins where a forecaster had not seen enough yet, the others speak for it.
    given = np.where(np.isfinite(wrong), weight[..., None], 0.0)
    heard = given.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        combined = (np.nan_to_num(wrong) * given).sum(axis=0) / heard
    # They are not the forecast that is made now, so they count only when there is no better.
    there_were = (heard >= MOST).mean(axis=1)
    few = (there_were < LOOKS) | (there_were * time < LEAST)
    combined = np.where((heard >= MOST) | few[:, None], combined, np.nan)
    combined = combined * surer(said[..., known], newest, np.where(usable, weight, 0.0))
    return expected, combined, np.asarray(np.exp2(-age / settings.memory))
