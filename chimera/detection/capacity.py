"""What runs out: when a series reaches its limit, how sure that is, and when to say so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from chimera.detection.base import Flags, Floats
from chimera.detection.forecast import Outlook, forecast, horizons
from chimera.detection.forecast_errors import LEVELS

POINTS = 20  # horizons that a path is made of
REACH = 5.0  # times the history: nobody can see further, unless it runs like a clock
CLOCK = 0.05  # of the way to go: how wide its interval may be


@dataclass(frozen=True, eq=False)
class TimeToLimit:
    """When each series (series,) reaches its limit, in samples from the newest one; inf: not so far
    as was looked, 0: it has.

    `soonest` and `latest` are the ends of the 90 % interval. `probability` is that of being at the
    limit at some horizon within `within`: the largest over the horizons.
    """

    middle: Floats
    soonest: Floats
    latest: Floats
    probability: Floats
    within: Floats
    path: Outlook


def time_to_limit(
    values: npt.ArrayLike,
    limit: npt.ArrayLike,
    within: npt.ArrayLike,
    *,
    falls: npt.ArrayLike = False,
    period: int = 0,
) -> TimeToLimit:
    """When series reach their limits.

    Args:
        values: (series, time), evenly spaced; NaN are gaps.
        limit: of each series (or one for all), in its own unit; NaN: it has none.
        within: samples ahead that count for the probability; the path goes twice as far. Beyond
            five times the history only what runs like a clock (a certificate's days) is believed.
        falls: the limit is below (seconds left, free space) and not above.
        period: samples of a day, or of what else repeats; 0: none.
    """
    array = np.atleast_2d(np.asarray(values, dtype=np.float64))
    rows = (len(array),)
    sign = np.where(np.broadcast_to(np.asarray(falls), rows), -1.0, 1.0)
    edge = np.broadcast_to(np.asarray(limit, dtype=np.float64), rows) * sign
    wanted = np.broadcast_to(np.asarray(within, dtype=np.float64), rows)
    furthest = float(2 * wanted.max(initial=1.0))
    ahead = np.union1d(horizons(furthest, POINTS), np.unique(np.maximum(wanted, 1.0)))
    path = forecast(array, ahead, period=period)
    ahead = np.concatenate([[0.0], path.ahead])
    now = newest(array)
    # The signs are turned so that every limit is above; quantiles then change places.
    quantiles = path.quantiles * sign[:, None, None]
    quantiles = np.where(sign[:, None, None] < 0, quantiles[..., ::-1], quantiles)
    start = (now * sign)[:, None, None]
    paths = np.concatenate([np.repeat(start, len(LEVELS), axis=2), quantiles], axis=1)
    middle, soonest, latest = (_first(paths[..., q], ahead, edge) for q in (3, 6, 0))
    chance = _chance(quantiles, edge)
    believed = _believed(path, now, array.shape[1])
    inside = (path.ahead <= np.maximum(wanted, 1.0)[:, None]) & believed
    probability = np.where(inside, chance, 0.0).max(axis=1)
    probability = np.where(now * sign >= edge, 1.0, probability)
    seen = np.where(believed, path.ahead, 0.0).max(axis=1)
    middle, soonest, latest = (np.where(x <= seen, x, np.inf) for x in (middle, soonest, latest))
    unknown = ~np.isfinite(edge) | ~np.isfinite(now)
    middle, soonest, latest = (np.where(unknown, np.inf, x) for x in (middle, soonest, latest))
    return TimeToLimit(middle, soonest, latest, np.where(unknown, 0.0, probability), wanted, path)


def newest(values: Floats) -> Floats:
    """The last value of each series that is there; NaN if none is."""
    known = np.isfinite(values)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    last = values.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    return np.asarray(values[np.arange(len(values)), last])


def seconds_left(expiry: npt.ArrayLike, start: float, step: float) -> Floats:
    """Timestamps at which something expires (series, time) as seconds that are left.

    `start` is the Unix time of the first sample and `step` the seconds between two: a certificate's
    `not after` becomes a series that runs down to 0.
    """
    array = np.atleast_2d(np.asarray(expiry, dtype=np.float64))
    return array - (start + np.arange(array.shape[1]) * step)


def _first(path: Floats, ahead: Floats, edge: Floats) -> Floats:
    """Where a path (series, horizons) first reaches its edge, between horizons on a line."""
    over = path >= edge[:, None]
    at = over.argmax(axis=1)
    rows = np.arange(len(path))
    before = np.maximum(at - 1, 0)
    rise = path[rows, at] - path[rows, before]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip((edge - path[rows, before]) / rise, 0.0, 1.0)
    found = ahead[before] + np.nan_to_num(share) * (ahead[at] - ahead[before])
    return np.asarray(np.where(over.any(axis=1), np.where(at == 0, 0.0, found), np.inf))


def _believed(path: Outlook, now: Floats, history: int) -> Flags:
    """Horizons (series, horizons) that are near enough to the history, or certain without it."""
    way = np.abs(path.centre - now[:, None])
    with np.errstate(invalid="ignore"):
        exact = path.high - path.low <= CLOCK * way
    return np.asarray((path.ahead <= REACH * history) | exact, dtype=bool)


def _chance(quantiles: Floats, edge: Floats) -> Floats:
    """Probability (series, horizons) of being at the edge: between quantiles on a line over their
    normal scores, beyond the outer ones as a Gaussian's tail goes on."""
    scores = ndtri(np.array(LEVELS))
    distance = edge[:, None, None] - quantiles
    below = (distance > 0).sum(axis=2)  # quantiles that are short of the edge
    at = np.clip(below, 1, len(LEVELS) - 1)[..., None]
    low = np.take_along_axis(quantiles, at - 1, axis=2)[..., 0]
    high = np.take_along_axis(quantiles, at, axis=2)[..., 0]
    first, second = scores[at[..., 0] - 1], scores[at[..., 0]]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (edge[:, None] - low) / (high - low)
    flat = high <= low
    share = np.where(flat, np.where(edge[:, None] <= low, -np.inf, np.inf), share)
    return np.asarray(ndtr(-(first + share * (second - first))), dtype=np.float64)
