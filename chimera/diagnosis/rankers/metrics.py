"""How much each series of a service changed, against what its normal stretches do by themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from chimera.diagnosis.counters import rates
from chimera.diagnosis.gaps import GAP, with_gaps
from chimera.diagnosis.losses import losing
from chimera.diagnosis.movement import fallen, shifted, window
from chimera.diagnosis.observed import Calls, Floats, Ints, Metrics, Observed, Trouble
from chimera.diagnosis.scale import level_and_spread
from chimera.diagnosis.silence import fallen_silent
from chimera.diagnosis.surprise import FEW, TAIL, stretches
from chimera.diagnosis.unseen import unseen_load
from chimera.diagnosis.vocabulary import falls, is_share
from chimera.diagnosis.voice import Clue, Ranker, Voice
from chimera.diagnosis.walks import walked

THREADS = 2
ROWS = 2_000  # series at a time, so that memory does not grow with the estate
SHOWN = 5
FELT = frozenset({Trouble.ERRORS})
SLOW = frozenset({Trouble.MEMORY, Trouble.DISK})
STOPPED = 2.0  # times what convinces: a service that is gone is no matter of degree
SAID = 0.7  # surprise (1 in 10) below which a series is not told of


def weights() -> dict[Trouble, float]:
    """How much the change of a kind of metric speaks for its own service.

    A resource is the service's own; what it uses and how fast it answers is also moved by those it
    calls. Bytes that are sent are moved by whoever asks; how busy it is, and what its host does, by
    everybody.
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
        Trouble.BYTES: 0.5,
        Trouble.BUSY: 0.5,
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
    felt: float = 0.7  # of a symptom, what a callee with the same symptom explains

    def rank(self, seen: Observed) -> Voice | None:
        rows = with_gaps(seen.metrics)
        rows = rates(rows, rows.kinds or ())
        if not len(rows.services) or rows.before.shape[1] < FEW or not rows.since.shape[1]:
            return None
        kinds = list(rows.kinds or ())
        scores, alarms, usual = self._scores(rows, kinds)
        silent = fallen_silent(rows)
        found = losing(rows)
        scores = self._less_felt(rows, kinds, scores, seen.calls, silent, found)
        best: dict[str, float] = dict.fromkeys(seen.candidates(), 0.0)
        clues: dict[str, list[Clue]] = defaultdict(list)
        alarm = float(alarms.max())
        for service, (gone, of) in silent.items():
            best[service] = STOPPED * self.convincing * gone / of
            alarm = max(alarm, best[service])
            says = f"{gone} of its {of} series, which were always there, have stopped"
            clues[service].append(Clue(service, Trouble.DOWN, best[service], says))
        # What moved alike: a share of a limit tells more than an amount; then by name.
        alike = [
            (-round(float(x), 9), not is_share(n), n)
            for x, n in zip(scores, rows.names, strict=True)
        ]
        for i in sorted(range(len(alike)), key=alike.__getitem__):
            service = rows.services[i]
            best[service] = max(best[service], float(scores[i]))
            told = clues[service]
            new = len(told) < SHOWN or all(kinds[i] != clue.kind for clue in told)
            if scores[i] > SAID * 0.5 and new:
                told.append(self._clue(rows, kinds[i], i, float(scores[i])))
        shown = {s: tuple(c) for s, c in clues.items()}
        return Voice(
            self.name, best, self.convincing, shown, alarm, usual, unseen=unseen_load(rows)
        )

    def _scores(self, rows: Metrics, kinds: list[Trouble]) -> tuple[Floats, Floats, Floats]:
        """Score and alarm of each row, and the largest alarm of any on each normal stretch."""
        level, spread = level_and_spread(rows.before, rows.names)
        weight = np.array([self.weights.get(k, 0.0) for k in kinds])
        bad = np.array([direction(k, n) for k, n in zip(kinds, rows.names, strict=True)])
        heard = np.flatnonzero((weight > 0) & np.isfinite(level) & (spread > 0))
        length = window(rows.before.shape[1], rows.since.shape[1])
        begins = stretches(rows.before.shape[1], length)
        scores, alarms = np.zeros(len(weight)), np.zeros(len(weight))
        usual = np.zeros(len(begins) if len(begins) >= FEW else 0)

        def score(part: Ints) -> tuple[Ints, Floats, Floats, Floats]:
            centre, scale = level[part, None], spread[part, None]
            before = (rows.before[part] - centre) / scale
            since = (rows.since[part] - centre) / scale
            slow = np.array([kinds[i] in SLOW for i in part])
            down = ~slow & (bad[part] <= 0)
            before[down] = fallen(before[down], centre[down], scale[down])
            since[down] = fallen(since[down], centre[down], scale[down])
            said, both, past = shifted(before, since, length, bad[part], slow, self.tail)
            # How far it went for a walk of its own ranks; an alarm it is if it went far at all.
            own = part[slow]
            said[slow] = walked(
                rows.before[own], rows.since[own], level[own], length, bad[own], self.tail
            )
            return part, said, both, past

        parts = [heard[at : at + ROWS] for at in range(0, len(heard), ROWS)]
        with ThreadPoolExecutor(THREADS) as pool:  # sorting lets go of the interpreter's lock
            for part, said, both, past in pool.map(score, parts):
                scores[part], alarms[part] = weight[part] * said, weight[part] * both
                if len(usual):
                    usual = np.maximum(usual, (weight[part, None] * past).max(axis=0))
        return scores, alarms, usual

    def _less_felt(
        self,
        rows: Metrics,
        kinds: list[Trouble],
        scores: Floats,
        calls: Calls,
        silent: Collection[str],
        losing: Collection[str],
    ) -> Floats:
        """Symptoms of who calls a service with the same symptom are mostly that service's.

        One that has fallen silent has all of them; one that the network loses calls to has the
        waiting of its callers, which it does not see itself.
        """
        worst: dict[tuple[Trouble, str], float] = defaultdict(float)
        worst |= {(kind, s): float("inf") for kind in FELT for s in silent}
        worst |= {(Trouble.LATENCY, s): float("inf") for s in losing}
        waiting = {Trouble.LATENCY} if losing else set()
        for i, kind in enumerate(kinds):
            if kind in FELT | waiting:
                place = (kind, rows.services[i])
                worst[place] = max(worst[place], float(scores[i]))
        callees = calls.callees()
        found = scores.copy()
        for (kind, service), own in worst.items():
            below = max((worst.get((kind, c), 0.0) for c in callees.get(service, ())), default=0.0)
            if kind is Trouble.LATENCY and np.isfinite(below):
                continue
            if own > 0 and below > 0:
                share = self.felt * min(1.0, below / own)
                at = [i for i, k in enumerate(kinds) if k is kind and rows.services[i] == service]
                found[at] *= 1.0 - share
        return found

    def _clue(self, rows: Metrics, kind: Trouble, i: int, score: float) -> Clue:
        was = float(np.nanmedian(rows.before[i]))
        now = rows.since[i][np.isfinite(rows.since[i])]
        peak = float(now[np.argmax(np.abs(now - was))]) if len(now) else float("nan")
        middle = float(np.median(now)) if len(now) else float("nan")
        way = "down" if peak < was else "up"
        says = f"{rows.names[i]} was {was:.4g}, is {middle:.4g} ({way} to {peak:.4g})"
        if kind is Trouble.BYTES:  # less gets through, or more is asked for
            kind = Trouble.NETWORK if middle < was else Trouble.TRAFFIC
        return Clue(rows.services[i], kind, score, says, rows.names[i])


def direction(kind: Trouble, name: str) -> int:
    """1: more is trouble; -1: less is; 0: either."""
    if falls(name):
        return -1
    rises = (Trouble.CPU, Trouble.MEMORY, Trouble.LATENCY, Trouble.ERRORS)
    return 1 if kind in rises or name.endswith(GAP) else 0
