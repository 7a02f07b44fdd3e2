"""How much each series of a service changed, against what its normal stretches do by themselves."""

from __future__ import annotations

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from chimera.diagnosis.observed import Bools, Floats, Ints, Metrics, Observed, Trouble
from chimera.diagnosis.scale import level_and_spread
from chimera.diagnosis.surprise import FEW, TAIL, stretches, surprise, surprise_left_out
from chimera.diagnosis.vocabulary import falls, kind_of, side
from chimera.diagnosis.voice import Clue, Ranker, Voice

THREADS = 2
ROWS = 2_000  # series at a time, so that memory does not grow with the estate
SHOWN = 5
SLOW = frozenset({Trouble.MEMORY, Trouble.DISK})
SAID = 0.7  # surprise (1 in 10) below which a series is not told of


def weights() -> dict[Trouble, float]:
    """How much the change of a kind of metric speaks for its own service.

    A resource is the service's own; what it uses and how fast it answers is also moved by those it
    calls. How busy it is, and what its host does, is moved by everybody.
    """
    return {
        Trouble.CPU: 1.0,
        Trouble.NETWORK: 1.0,
        Trouble.LATENCY: 0.8,
        Trouble.ERRORS: 0.8,
        Trouble.DATA: 0.8,
        Trouble.CONFIGURATION: 0.8,
        Trouble.MEMORY: 0.8,
        Trouble.DISK: 0.8,
        Trouble.OTHER: 0.3,
        Trouble.TRAFFIC: 0.0,
        Trouble.HOST: 0.0,
    }


@dataclass(frozen=True)
class MetricShift(Ranker):
    """The most surprising change of any of a service's series.

    A change is the median of the stretch since the onset, or its second largest sample (a burst is
    short, a lasting fault moves the median), in spreads of the series, towards trouble.
    """

    name: ClassVar[str] = "metrics"
    weights: dict[Trouble, float] = field(default_factory=weights)
    convincing: float = 5.0
    tail: float = TAIL

    def rank(self, seen: Observed) -> Voice | None:
        rows = with_gaps(seen.metrics)
        length = rows.since.shape[1]
        if not len(rows.services) or rows.before.shape[1] < max(length, 2) or not length:
            return None
        kinds = [k if k is not None else Trouble.OTHER for k in rows.kinds or ()]
        scores, alarms, usual = self._scores(rows, kinds)
        best: dict[str, float] = dict.fromkeys(seen.candidates(), 0.0)
        clues: dict[str, list[Clue]] = defaultdict(list)
        for i in np.argsort(-scores, kind="stable"):
            service = rows.services[i]
            best[service] = max(best[service], float(scores[i]))
            told = clues[service]
            if scores[i] > SAID * 0.5 and len(told) < SHOWN:
                told.append(self._clue(rows, kinds[i], int(i), float(scores[i])))
        shown = {s: tuple(c) for s, c in clues.items()}
        return Voice(self.name, best, self.convincing, shown, float(alarms.max()), usual)

    def _scores(self, rows: Metrics, kinds: list[Trouble]) -> tuple[Floats, Floats, Floats]:
        """Score and alarm of each row, and the largest alarm of any on each normal stretch."""
        level, spread = level_and_spread(rows.before, rows.names)
        weight = np.array([self.weights.get(k, 0.0) for k in kinds])
        bad = np.array([direction(k, n) for k, n in zip(kinds, rows.names, strict=True)])
        heard = np.flatnonzero((weight > 0) & np.isfinite(level) & (spread > 0))
        begins = stretches(rows.before.shape[1], rows.since.shape[1])
        scores, alarms = np.zeros(len(weight)), np.zeros(len(weight))
        usual = np.zeros(len(begins) if len(begins) >= FEW else 0)

        def score(part: Ints) -> tuple[Ints, Floats, Floats, Floats]:
            centre, scale = level[part, None], spread[part, None]
            before = (rows.before[part] - centre) / scale
            since = (rows.since[part] - centre) / scale
            slow = np.array([kinds[i] in SLOW for i in part])
            return part, *shifted(before, since, begins, bad[part], slow, self.tail)

        parts = [heard[at : at + ROWS] for at in range(0, len(heard), ROWS)]
        with ThreadPoolExecutor(THREADS) as pool:  # sorting lets go of the interpreter's lock
            for part, said, both, past in pool.map(score, parts):
                scores[part], alarms[part] = weight[part] * said, weight[part] * both
                if len(usual):
                    usual = np.maximum(usual, (weight[part, None] * past).max(axis=0))
        return scores, alarms, usual

    def _clue(self, rows: Metrics, kind: Trouble, i: int, score: float) -> Clue:
        was = float(np.nanmedian(rows.before[i]))
        now = rows.since[i][np.isfinite(rows.since[i])]
        peak = float(now[np.argmax(np.abs(now - was))]) if len(now) else float("nan")
        middle = float(np.median(now)) if len(now) else float("nan")
        says = f"{rows.names[i]} was {was:.4g}, is {middle:.4g} (up to {peak:.4g})"
        return Clue(rows.services[i], kind, score, says, rows.names[i])


def direction(kind: Trouble, name: str) -> int:
    """1: more is trouble; -1: less is; 0: either."""
    if falls(name):
        return -1
    rises = (Trouble.CPU, Trouble.MEMORY, Trouble.LATENCY, Trouble.ERRORS)
    return 1 if kind in rises or name.endswith(GAP) else 0


def towards(z: Floats, bad: Ints) -> Floats:
    """Spreads towards trouble, below 0 for what is better than usual."""
    sign = bad.reshape(-1, *[1] * (z.ndim - 1))
    return np.where(sign == 0, np.abs(z), z * sign)


def shifted(
    before: Floats, since: Floats, begins: Ints, bad: Ints, slow: Bools, tail: float
) -> tuple[Floats, Floats, Floats]:
    """Log surprise of `since`: by either statistic, and by both; of each normal stretch by both.

    What either says ranks. To raise the alarm both must agree: normal hours hold real bursts, which
    do not last, and slow drifts, which have no peak. (rows,), (rows,), (rows, stretches).
    """
    length = since.shape[1]
    views = np.lib.stride_tricks.sliding_window_view(before, length, axis=1)[:, begins]
    both = np.concatenate([since[:, None], views], axis=1)
    # What drifts by itself is at another level on another day: only what it did since tells.
    both = np.where(slow[:, None, None], both - first(both)[..., None], both)
    ordered = np.sort(towards(both, bad), axis=-1)
    said, usual = [], []
    for statistic in (middle, second):
        found = np.maximum(statistic(ordered), 0)
        said.append(np.log1p(surprise(found[:, 1:], found[:, 0], tail)))
        usual.append(np.log1p(surprise_left_out(found[:, 1:], tail)))
    return np.maximum(*said), np.minimum(*said), np.minimum(*usual)


def first(values: Floats) -> Floats:
    """The first sample that is there, over the last axis."""
    at = np.argmax(np.isfinite(values), axis=-1)
    return np.asarray(np.take_along_axis(values, at[..., None], axis=-1)[..., 0])


def middle(ordered: Floats) -> Floats:
    """Median over the last axis, sorted with NaN last."""
    return _at(ordered, 0.5)


def second(ordered: Floats) -> Floats:
    """The second largest, or the only one."""
    count = np.isfinite(ordered).sum(axis=-1)
    place = np.maximum(count - 2, 0)
    found = np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0]
    return np.asarray(found)


def _at(ordered: Floats, q: float) -> Floats:
    place = np.maximum(np.isfinite(ordered).sum(axis=-1) - 1, 0) * q
    low, high = np.floor(place).astype(np.int64), np.ceil(place).astype(np.int64)
    a = np.take_along_axis(ordered, low[..., None], axis=-1)[..., 0]
    b = np.take_along_axis(ordered, high[..., None], axis=-1)[..., 0]
    return np.asarray((a + b) / 2)


GAP = " minus server"


def with_gaps(metrics: Metrics) -> Metrics:
    """The series with their kinds, and what a call takes on its way: client minus server latency."""
    kinds = list(metrics.kinds or map(_kind, metrics.names))
    at = {pair: i for i, pair in enumerate(zip(metrics.services, metrics.names, strict=True))}
    pairs = [
        (i, at[service, name.replace("client", "server")])
        for (service, name), i in at.items()
        if kinds[i] is Trouble.LATENCY
        and side(name) == "client"
        and (service, name.replace("client", "server")) in at
    ]
    # What the caller measured is told by the gap; alone it is the callers' trouble as well.
    kinds = [
        Trouble.TRAFFIC if k is Trouble.LATENCY and side(n) == "client" else k
        for k, n in zip(kinds, metrics.names, strict=True)
    ]
    if not pairs:
        return Metrics(metrics.services, metrics.names, metrics.before, metrics.since, tuple(kinds))
    client, server = np.array(pairs).T
    return Metrics(
        metrics.services + tuple(metrics.services[i] for i in client),
        metrics.names + tuple(metrics.names[i] + GAP for i in client),
        np.vstack([metrics.before, metrics.before[client] - metrics.before[server]]),
        np.vstack([metrics.since, metrics.since[client] - metrics.since[server]]),
        (*kinds, *[Trouble.NETWORK] * len(pairs)),
    )


def _kind(name: str) -> Trouble:
    return kind_of(name)
