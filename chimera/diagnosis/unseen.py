"""Load that the normal hours never had: what they then tell of everything else is worth less."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from chimera.diagnosis.movement import shifted, window
from chimera.diagnosis.observed import Metrics, Trouble
from chimera.diagnosis.scale import level_and_spread
from chimera.diagnosis.surprise import FEW, TAIL
from chimera.diagnosis.vocabulary import side

NEVER = 3.0  # surprise (1 in 1,000) from which a service does more than it ever did


def unseen_load(metrics: Metrics) -> float:
    """Of the services that are asked at all, the share that is asked for more than ever, 0 to 1.

    A fault makes a few callers ask again; new users, or users where there were none, are felt by
    many services at once. Then slow answers and busy processors are rare as well, whosever fault
    it is. `metrics` come with their kinds and with counters as rates.
    """
    kinds = metrics.kinds or ()
    asked = np.array(
        [k is Trouble.TRAFFIC and not side(n) for k, n in zip(kinds, metrics.names, strict=True)],
        dtype=bool,
    )
    rows = np.flatnonzero(asked)
    if not len(rows) or metrics.before.shape[1] < FEW or not metrics.since.shape[1]:
        return 0.0
    before, since = metrics.before[rows], metrics.since[rows]
    level, spread = level_and_spread(before, [metrics.names[i] for i in rows])
    # Who was never asked, and is not now, has no say.
    asked_ever = (np.nan_to_num(before) > 0).any(axis=1) | (np.nan_to_num(since) > 0).any(axis=1)
    moves = np.isfinite(level) & (spread > 0) & asked_ever
    most: dict[str, float] = defaultdict(float)
    rows, level, spread = rows[moves], level[moves, None], spread[moves, None]
    up, fast = np.ones(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=bool)
    _, beyond, _ = shifted(
        (before[moves] - level) / spread,
        (since[moves] - level) / spread,
        window(before.shape[1], since.shape[1]),
        up,
        fast,
        TAIL,
    )
    for i, surprise in zip(rows.tolist(), beyond.tolist(), strict=True):
        most[metrics.services[i]] = max(most[metrics.services[i]], surprise)
    more = sum(surprise > np.log1p(NEVER) for surprise in most.values())
    return more / len(most) if most else 0.0
