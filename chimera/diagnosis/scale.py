"""The usual level and spread of many series at once; a spread that cannot be zero."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chimera.diagnosis.observed import Floats

OF_LEVEL = 0.05  # a spread is at least this share of the series' own level,
OF_PEERS = 0.05  # of the median spread of the same metric at all services that move,
OF_PEER_LEVEL = 0.01  # and of their median level


def quantiles(ordered: Floats, count: Floats, q: float) -> Floats:
    """Of each row of values sorted with NaN last, `count` of them finite; NaN where none is."""
    if ordered.shape[1] == 0:
        return np.full(len(ordered), np.nan)
    place = np.maximum(count - 1, 0) * q
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0).astype(np.int64))
    rows = np.arange(len(ordered))
    a, b = ordered[rows, low], ordered[rows, high]
    return np.asarray(a + (b - a) * (place - low))


def level_and_spread(before: Floats, names: Sequence[str]) -> tuple[Floats, Floats]:
    """Median and robust spread of each row (rows, time); NaN where a row has no samples.

    The spread is the larger of interquartile range and 5-95 % range, as standard deviations of a
    Gaussian. Where it is too small to be believed it falls back on the series' level and on the
    spreads and levels of the same metric elsewhere, so that neither units nor idle services decide.
    Series that never move have no say in their peers' spread.
    """
    ordered = np.sort(before, axis=1)
    count = np.isfinite(ordered).sum(axis=1).astype(np.float64)
    q05, q25, q50, q75, q95 = (quantiles(ordered, count, q) for q in (0.05, 0.25, 0.5, 0.75, 0.95))
    spread = np.fmax((q75 - q25) / 1.349, (q95 - q05) / 3.29)
    least = np.fmax(spread, OF_LEVEL * np.abs(q50))
    metric = {name: i for i, name in enumerate(dict.fromkeys(names))}
    of = np.array([metric[name] for name in names], dtype=np.int64)
    moves = spread > 0
    order = np.argsort(of, kind="stable")
    starts = np.searchsorted(of[order], np.arange(len(metric) + 1))
    for i in range(len(metric)):
        rows = order[starts[i] : starts[i + 1]]
        peers = rows[moves[rows]]
        if len(peers):
            floor = max(
                OF_PEERS * float(np.median(spread[peers])),
                OF_PEER_LEVEL * float(np.median(np.abs(q50[peers]))),
            )
            least[rows] = np.fmax(least[rows], floor)
    return q50, least
