"""Coverage and interval score of forecasts over rolling origins, beside the naive drift forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chimera.detection.base import Flags, Floats
from chimera.detection.forecast import Outlook
from chimera.detection.period import common_period

Forecaster = Callable[[Floats, Floats, int], Outlook]  # values, horizons, period
MISS = 0.1  # an interval of 90 % may be missed by so much
NORMAL = 1.6448536269514722  # half of a Gaussian's 90 % interval, in deviations


@dataclass(frozen=True, eq=False)
class Scores:
    """By horizon (horizons,): windows looked at, share inside, mean scaled interval score."""

    ahead: Floats
    count: Floats
    covered: Floats
    score: Floats
    naive_covered: Floats
    naive_score: Floats


def rolling(
    values: Floats,
    history: int,
    ahead: Floats,
    forecaster: Forecaster,
    *,
    every: int = 0,
    began: Floats | None = None,
) -> Scores:
    """Forecast series (series, time) from origins `every` samples apart.

    The period is found anew at each origin from all the past of all series. Windows without any
    movement say nothing and are left out, and so is what begins (`began`, by series) only after
    the origin: nobody can know of it.
    """
    furthest = int(ahead[-1])
    every = every or max(furthest // 2, 1)
    columns = len(ahead)
    total = np.zeros((5, columns))
    for end in range(history, values.shape[1] - furthest + 1, every):
        past = values[:, end - history : end]
        truth = values[:, end - 1 + ahead.astype(np.intp)]
        scale = np.nanmean(np.abs(np.diff(past, axis=1)), axis=1)
        rows = np.flatnonzero(np.isfinite(past).mean(axis=1) > 0.5)
        rows = rows[np.nan_to_num(scale[rows]) > 1e-12]
        if not rows.size:
            continue
        period = common_period(past)
        told = forecaster(past[rows], ahead, period)
        low, high = naive(past[rows], ahead)
        known = np.isfinite(truth[rows])
        if began is not None:
            onset = began[rows, None]
            known &= (onset < end) | (onset > end - 1 + ahead)
        for place, (bottom, top) in enumerate(((told.low, told.high), (low, high))):
            inside, score = judged(truth[rows], bottom, top, scale[rows])
            total[1 + 2 * place] += (inside & known).sum(axis=0)
            total[2 + 2 * place] += np.where(known, score, 0.0).sum(axis=0)
        total[0] += known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Scores(ahead, total[0], *(part / total[0] for part in total[1:]))


def judged(truth: Floats, low: Floats, high: Floats, scale: Floats) -> tuple[Flags, Floats]:
    """Whether the truth lies inside, and the interval score (Gneiting and Raftery, 2007), scaled."""
    hair = 1e-9 * (np.abs(low) + np.abs(high)) + 1e-12
    inside = (truth >= low - hair) & (truth <= high + hair)
    beyond = np.maximum(low - truth, 0.0) + np.maximum(truth - high, 0.0)
    return inside, (high - low + 2 / MISS * beyond) / scale[:, None]


def naive(past: Floats, ahead: Floats) -> tuple[Floats, Floats]:
    """The drift method: on from the last value with the mean step; its Gaussian 90 % interval.

    Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.2 and 5.5.
    """
    filled = np.where(np.isfinite(past), past, np.nanmedian(past, axis=1, keepdims=True))
    steps = np.diff(filled, axis=1)
    drift, spread = steps.mean(axis=1)[:, None], steps.std(axis=1)[:, None]
    centre = filled[:, -1:] + drift * ahead
    half = NORMAL * spread * np.sqrt(ahead * (1 + ahead / steps.shape[1]))
    return centre - half, centre + half
