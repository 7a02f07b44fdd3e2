"""How far the forecasters are apart now, beside how far they were: what an error of then is worth now.

When a series begins to behave in another way, its past errors are too small, but those who look at
different stretches of it no longer agree. So errors are scaled by that (locally weighted conformal
prediction: Papadopoulos et al., 2008; Lei et al., 2018), by its root only: it is a guess.
"""

from __future__ import annotations

import numpy as np

from chimera.detection.base import Floats

TRUST = 0.5  # power of the ratio
EVEN = 0.3  # power of the weights: those that were not the best are heard as well
MOST = 3.0  # times larger or smaller, before the power


def surer(then: Floats, now: Floats, weight: Floats) -> Floats:
    """What errors (series, origins) are to be multiplied by.

    Args:
        then: what each forecaster said at each origin (forecasters, series, origins), NaN: nothing.
        now: what each says now (forecasters, series).
        weight: what each counts (forecasters, series); 0: not at all.
    """
    share = np.where(weight > 0, weight, 0.0) ** EVEN * (weight > 0)
    before, today = _apart(then, share), _apart(now[..., None], share)
    known = np.isfinite(before)
    # Where they agreed by chance nothing was certain: the usual distance comes on top of both.
    usual = np.where(known, before, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    usual = usual[:, None] + 1e-300
    ratio = (np.nan_to_num(today) + usual) / (np.where(known, before, usual) + usual)
    return np.asarray(np.clip(ratio, 1 / MOST, MOST) ** TRUST)


def _apart(said: Floats, share: Floats) -> Floats:
    """The weighted standard deviation over the forecasters, (series, origins)."""
    there = np.isfinite(said)
    part = np.where(there, share[..., None], 0.0)
    total = part.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (np.where(there, said, 0.0) * part).sum(axis=0) / total
        off = np.where(there, said - mean, 0.0)
        return np.asarray(np.sqrt((off**2 * part).sum(axis=0) / total))
