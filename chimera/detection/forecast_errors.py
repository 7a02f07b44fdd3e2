"""From how wrong forecasts were to how wrong they may be: quantiles by horizon."""

from __future__ import annotations

import numpy as np

from chimera.detection.base import Floats

LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
SOME = 1.5  # independent looks from which a horizon is heard at all
ENOUGH = 14.0  # from which it speaks for itself
APART = 0.35  # of a horizon: origins so far apart are wrong independently, as a rule
NEWS = 3.0  # times what an error adds to the one before it: so far a series may bend that rule
WIDER = 2.0  # of an interval, for each independent look that is missing
STEEPEST, FLATTEST = 1.2, 0.3  # powers with which spread grows beyond what was seen
UNKNOWN = 0.75  # where nothing tells
FAR = 2.0  # e-foldings of the horizon: how it grew over as many is half believed
MARGIN = 0.12  # on top of the power with which it grew before


def by_horizon(errors: list[Floats], weights: list[Floats], steps: Floats, span: int) -> Floats:
    """Quantiles of the errors, (series, horizons, levels).

    Errors of origins closer than the horizon are nearly one error, so that a long horizon has few
    independent ones: its quantiles are too narrow by chance and are widened for it. Where there are
    too few, the spread of the last horizon that has enough has its say too; it grows with a power
    of the horizon, a little larger than that with which it grew before.

    Args:
        errors: for each horizon (series, origins); NaN where there is none.
        weights: for each horizon (origins,), what each origin counts: newer ones more
            (Barber et al., Conformal prediction beyond exchangeability, 2023).
        span: samples in which the origins lie.
    """
    series = len(errors[0])
    made = np.zeros((series, len(steps), len(LEVELS)))
    looks = np.array([max(span - step, 0.0) / (APART * step) for step in steps])
    enough = np.flatnonzero(looks >= ENOUGH)
    last = int(enough[-1]) if enough.size else 0
    for column in range(len(steps)):
        if not errors[column].shape[1] or (column > last and looks[column] < SOME):
            continue
        made[:, column] = _quantiles(errors[column], weights[column], looks[column])
    if last + 1 < len(steps):
        growth = _growth(made, steps, last)
        for column in range(last + 1, len(steps)):
            carried = made[:, last] * ((steps[column] / steps[last]) ** growth)[:, None]
            share = looks[column] / ENOUGH if looks[column] >= SOME else 0.0
            made[:, column] = share * made[:, column] + (1 - share) * carried
    return np.asarray(np.nan_to_num(made))


def _quantiles(errors: Floats, weights: Floats, looks: float) -> Floats:
    """Weighted quantiles (series, levels), wider the fewer independent errors there are."""
    known = np.isfinite(errors)
    order = np.argsort(errors, axis=1)
    ordered = np.take_along_axis(np.where(known, errors, 0.0), order, axis=1)
    share = np.take_along_axis(np.where(known, weights, 0.0), order, axis=1)
    total = share.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = (total**2 / (share**2).sum(axis=1, keepdims=True))[:, 0]
        place = (np.cumsum(share, axis=1) - share / 2) / total
    fair = looks / max(len(weights), 1)
    own = np.clip(NEWS * _news(errors), fair / 2, 2 * fair)
    independent = np.maximum(np.nan_to_num(effective) * np.minimum(own, 1.0), 1.0)
    found = np.zeros((len(errors), len(LEVELS)))
    for column, level in enumerate(LEVELS):
        # n errors split the line into n + 1 parts: the finite-sample step of conformal prediction.
        further = np.clip(level + (2 * level - 1) / (independent + 1), 0.0, 1.0)
        found[:, column] = _at(ordered, place, further)
    middle = found[:, 3:4] * np.maximum(1 - 3 / independent, 0.0)[:, None]
    found = middle + (found - found[:, 3:4]) * (1 + WIDER / independent)[:, None]
    found[:, :3] = np.minimum(found[:, :3], 0.0)
    found[:, 4:] = np.maximum(found[:, 4:], 0.0)
    return np.asarray(found, dtype=np.float64)


def _news(errors: Floats) -> Floats:
    """How much of an error is news to the one of the origin before: (1 - r) / (1 + r)."""
    known = np.isfinite(errors)
    centred = np.where(known, errors, 0.0)
    centred = centred - (centred.sum(axis=1) / np.maximum(known.sum(axis=1), 1))[:, None] * known
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = (centred[:, 1:] * centred[:, :-1]).sum(axis=1) / (centred**2).sum(axis=1)
    alike = np.clip(np.nan_to_num(alike), 0.0, 0.99)
    return np.asarray((1 - alike) / (1 + alike))


def _at(ordered: Floats, place: Floats, wanted: Floats) -> Floats:
    """The value at a place between 0 and 1, on a line between its neighbours; by series."""
    known = np.isfinite(place)
    upper = np.minimum(
        (np.where(known, place, 2.0) < wanted[:, None]).sum(axis=1), ordered.shape[1] - 1
    )
    lower = np.maximum(upper - 1, 0)
    rows = np.arange(len(ordered))
    first, second = place[rows, lower], place[rows, upper]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.nan_to_num(np.clip((wanted - first) / (second - first), 0.0, 1.0), nan=1.0)
    return np.asarray(ordered[rows, lower] * (1 - share) + ordered[rows, upper] * share)


def _growth(made: Floats, steps: Floats, last: int) -> Floats:
    """The power with which the spread of each series (series,) grew over the seen horizons."""
    width = made[:, : last + 1, -1] - made[:, : last + 1, 0]
    first = last // 2
    if first == last:
        return np.full(len(made), UNKNOWN)
    lever = np.log(steps[last] / steps[first])
    with np.errstate(invalid="ignore", divide="ignore"):
        grew = np.log(width[:, last] / width[:, first]) / lever
    grew = np.clip(np.nan_to_num(grew, nan=UNKNOWN, posinf=1.0, neginf=0.0), 0.0, STEEPEST)
    # From a short look it is a guess.
    trust = lever / (lever + FAR)
    growth = trust * grew + (1 - trust) * UNKNOWN + MARGIN
    return np.asarray(np.clip(growth, FLATTEST, STEEPEST))
