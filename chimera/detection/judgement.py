"""Which points are odd: the detectors' surprise weighed with what the signal's owner said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from chimera.detection.base import CAP, Block, Detector, Flags, Floats
from chimera.detection.learned import Heard
from chimera.detection.robust import fisher, quantile
from chimera.detection.trend import forecast
from chimera.domain import Signal, SignalKind

UNSETTLED = 24  # newest samples that do not widen the range of what was seen: a leak may be in them

# A process that starts uses CPU, fills its caches and pools: for a moment that is no news.
SETTLES = frozenset(
    {
        SignalKind.CPU,
        SignalKind.MEMORY,
        SignalKind.POOL,
        SignalKind.QUEUE,
        SignalKind.SATURATION,
        SignalKind.TRAFFIC,
    }
)


@dataclass(frozen=True, eq=False)
class Judged:
    """The newest points of every row; arrays (series, points), `soon` and `edge` (series,)."""

    odd: Flags
    up: Flags
    surprise: Floats
    effect: Floats  # distance from the usual, in floors
    beyond: Flags  # over the limit
    soon: Flags  # a trend reaches the limit
    edge: Floats  # (series,) of what was usual before the trend
    low: Floats
    centre: Floats
    high: Floats
    values: Floats
    names: tuple[str, ...]
    parts: Floats  # (detector, series, points)

    def band(self, row: int, column: int, signal: Signal) -> tuple[float, float, float]:
        """Low, centre, high that count as healthy; finite."""
        low, centre, high = (float(x[row, column]) for x in (self.low, self.centre, self.high))
        if not np.isfinite(centre):  # no history: the limit is all that is known
            value = np.nan_to_num(float(self.values[row, column]))
            edge = float(value if signal.limit is None else signal.limit)
            return (edge, edge, edge)
        if self.soon[row] and not self.odd[row, column]:  # it is over when the level is usual again
            edge = float(self.edge[row])
            return (
                (max(low, edge), centre, high) if edge < centre else (low, centre, min(high, edge))
            )
        if signal.limit is not None and signal.bad == "down" and centre > signal.limit:
            low = max(low, signal.limit)
        elif signal.limit is not None and signal.bad != "down" and centre < signal.limit:
            high = min(high, signal.limit)
        return (low, centre, high)

    def why(self, row: int, column: int) -> str:
        """The detector that was the most surprised, or the rule that spoke."""
        if self.beyond[row, column]:
            return "limit"
        if not self.odd[row, column]:
            return "trend"
        return self.names[int(np.argmax(np.nan_to_num(self.parts[:, row, column])))]


def judge(
    block: Block,
    hidden: Floats,
    signals: list[Signal],
    detectors: tuple[Detector, ...],
    points: int,
    threshold: float,
    lead: timedelta,
    extra: Floats,
    heard: Heard,
    unlike: float,
) -> Judged:
    """Judge the newest `points` against `hidden`, the values without earlier abnormal stretches.

    `extra` (series,): decades beyond `threshold` that each row's surprise must reach. `heard`: what
    the ensemble says, whose memory is longer than the block; what it finds less than `unlike`
    decades unlike the series' whole past is not odd. Wants `block.floor`.
    """
    assert block.floor is not None
    needed = threshold + extra
    floor = block.floor
    limit = np.array([np.nan if s.limit is None else s.limit for s in signals], dtype=np.float64)
    rises = np.array([s.bad in ("up", "both") for s in signals])
    falls = np.array([s.bad in ("down", "both") for s in signals])
    settles = np.array([s.kind in SETTLES for s in signals])

    past = hidden[:, :-points]
    newest = Block(
        block.keys, block.at(past.shape[1]), block.step, hidden[:, past.shape[1] :], floor=floor
    )
    fitted = [detector.fit(past) for detector in detectors]
    parts = np.stack([detector.score(newest)[0] for detector in fitted])
    bounds = [detector.expected(newest) for detector in fitted]
    margin = (floor / 4)[:, None]
    with np.errstate(invalid="ignore"):
        older = past[:, :-UNSETTLED] if past.shape[1] > 3 * UNSETTLED else past
        ordered = np.sort(older, axis=1)
        count = np.isfinite(ordered).sum(axis=1).astype(np.float64)
        if past.shape[1]:
            lowest, highest = (quantile(ordered, count, q)[:, None] for q in (0.01, 0.99))
        else:
            lowest = highest = np.full((len(signals), 1), np.nan)
        low = np.fmin(np.fmin.reduce([b.low for b in bounds]), lowest) - margin
        high = np.fmax(np.fmax.reduce([b.high for b in bounds]), highest) + margin
        centre = bounds[0].centre
        values = block.values[:, past.shape[1] :]
        surprise = fisher(*np.nan_to_num(parts))
        effect = np.abs(values - centre) / np.maximum(floor, 1e-12)[:, None]
        up = values > centre
        beyond = np.where(
            (falls & ~rises)[:, None], values <= limit[:, None], values >= limit[:, None]
        )
        outside = (rises[:, None] & (values > high)) | (falls[:, None] & (values < low))
        odd = outside & (surprise >= needed[:, None]) & (effect >= 1.0)
        odd &= np.nan_to_num(heard.decades) >= unlike * heard.trust[:, None]
        # The limit speaks by itself, and only of what somebody wants to hear of.
        beyond &= (rises | falls)[:, None]
        odd |= beyond
        up = np.where(beyond, (rises | ~falls)[:, None], up)
    surprise = np.where(beyond, np.fmax(surprise, CAP / 2), surprise)
    if block.settling is not None:
        odd &= ~(block.settling[:, past.shape[1] :] & settles[:, None])
    soon, edge = _soon(hidden, limit, floor, rises, falls, lead / block.step)
    soon &= surprise[:, -1] >= needed - 1
    names = tuple(d.name for d in detectors)
    return Judged(
        odd, up, surprise, effect, beyond, soon, edge, low, centre, high, values, names, parts
    )


def _soon(
    hidden: Floats,
    limit: Floats,
    floor: Floats,
    rises: Flags,
    falls: Flags,
    within: float,
) -> tuple[Flags, Floats]:
    """Rows whose trend reaches the limit within so many samples, now and a sample ago; and the edge
    of what was usual for them, NaN for the others."""
    soon, edge = np.zeros(len(limit), dtype=bool), np.full(len(limit), np.nan)
    rows = np.flatnonzero(np.isfinite(limit) & (rises | falls))
    if rows.size == 0:
        return soon, edge
    sign = np.where(falls & ~rises, -1.0, 1.0)[rows]
    series = hidden[rows] * sign[:, None]
    now = forecast(series, limit[rows] * sign, floor[rows])
    before = forecast(series[:, :-1], limit[rows] * sign, floor[rows])
    soon[rows] = (now.left <= within) & (before.left <= within + 1)
    edge[rows] = (now.usual + floor[rows] / 2) * sign
    return soon, edge
