"""The root-cause engine: every ranker's voice, one combination, and the courage not to name one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chimera.diagnosis.observed import Observed, Origin, Trouble
from chimera.diagnosis.rankers.logs import Templates
from chimera.diagnosis.rankers.metrics import MetricShift
from chimera.diagnosis.rankers.traces import OwnTime
from chimera.diagnosis.rankers.volume import FeltVolume
from chimera.diagnosis.spans.owntime import learn_calls
from chimera.diagnosis.voice import Clue, Ranker, Voice


def rankers() -> tuple[Ranker, ...]:
    """Those that are listened to."""
    return (MetricShift(), FeltVolume(), OwnTime(), Templates())


@dataclass(frozen=True)
class Named:
    """One service as a cause, with its score (0 for no sign) and what speaks for it."""

    service: str
    score: float
    kind: Trouble
    metrics: tuple[str, ...]
    clues: tuple[Clue, ...]


@dataclass(frozen=True)
class Ranking:
    """Every service, the likeliest cause first.

    `no_cause`: nothing here is beyond what the normal data do by themselves; `confidence` is that
    the first is the cause, and 0 to 1.
    """

    causes: tuple[Named, ...]
    confidence: float
    no_cause: bool
    graph: Origin
    heard: tuple[str, ...] = ()  # the rankers that had something to look at
    look_next: tuple[str, ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(named.service for named in self.causes)


@dataclass(frozen=True)
class Engine:
    """`share`: what a voice weighs whose first two are alike; `false_alarms`: of normal stretches,
    the share in which a cause may be named."""

    rankers: Sequence[Ranker] = field(default_factory=rankers)
    share: float = 0.2
    false_alarms: float = 0.05

    def rank(self, seen: Observed) -> Ranking:
        """Rank all services of one incident."""
        if not seen.calls.edges:
            seen = replace(seen, calls=learn_calls(seen.spans_before, seen.spans_since))
        voices = [v for v in (r.rank(seen) for r in self.rankers) if v is not None]
        scores = combine(voices, seen.candidates(), self.share)
        tie = known_of(seen)
        order = sorted(scores, key=lambda s: (-scores[s], *tie.get(s, ()), s))
        causes = tuple(self._named(s, scores[s], voices) for s in order)
        rarity = rare(voices)
        none = bool(rarity < -np.log10(self.false_alarms))
        return Ranking(
            causes,
            confidence(scores, rarity),
            none,
            seen.calls.origin if seen.calls.edges else "none",
            tuple(v.ranker for v in voices),
            look_next(seen, voices, order),
        )

    def _named(self, service: str, score: float, voices: list[Voice]) -> Named:
        clues = [
            (clue.strength / max(voice.best, voice.convincing), clue)
            for voice in voices
            for clue in voice.clues.get(service, ())
        ]
        clues.sort(key=lambda pair: (-pair[0], pair[1].says))
        told = tuple(clue for _, clue in clues)
        metrics = tuple(dict.fromkeys(clue.metric for clue in told if clue.metric))
        return Named(service, score, fault_kind(clues), metrics, told)


SURE = 6.0  # rarer than one in a million is said of nothing
ENOUGH = 20  # normal stretches, without which nothing can be said of how rare a score is


def rare(voices: Sequence[Voice]) -> float:
    """-log10 of the chance that normal data raise so much alarm in any of the voices.

    The tail beyond the 90th percentile is taken to be exponential. A voice without enough normal
    data cannot tell, so it speaks up only where it is convincing.
    """
    told = [v for v in voices if len(v.usual) >= ENOUGH]
    if any(v.best >= v.convincing for v in voices if len(v.usual) < ENOUGH):
        return SURE
    rarest = max((_tail(v) for v in told), default=0.0)
    return min(SURE, max(rarest - math.log10(max(1, len(told))), 0.0))


def _tail(voice: Voice) -> float:
    q90 = float(np.quantile(voice.usual, 0.9))
    if voice.alarm <= q90:
        reached = float((voice.usual >= voice.alarm).mean())
        return -math.log10(max(reached, 1e-9))
    beyond = voice.usual[voice.usual > q90] - q90
    mean = max(float(beyond.mean()) if len(beyond) else 0.0, 1e-6)
    return 1.0 + (voice.alarm - q90) / mean / float(np.log(10.0))


def combine(voices: Sequence[Voice], services: Sequence[str], share: float) -> dict[str, float]:
    """Add the voices up, each weighed by how much its first stands out from its second.

    A voice is measured by its best score, or by what is convincing where it is not: ranks would
    throw away that one voice is sure while another guesses.
    """
    total = dict.fromkeys(services, 0.0)
    for voice in voices:
        ranked = sorted(voice.scores.values(), reverse=True)
        if not ranked or ranked[0] <= 0:
            continue
        runner_up = ranked[1] if len(ranked) > 1 else 0.0
        weight = share + (ranked[0] - runner_up) / ranked[0]
        for service, score in voice.scores.items():
            total[service] += weight * score / max(ranked[0], voice.convincing)
    return total


def known_of(seen: Observed) -> dict[str, tuple[float, ...]]:
    """What settles ties before names do, so that names settle nearly none: how much is known."""
    found = {service: [0.0, 0.0, 0.0] for service in seen.candidates()}
    samples = np.isfinite(seen.metrics.since).sum(axis=1)
    for service, count in zip(seen.metrics.services, samples.tolist(), strict=True):
        found[service][0] -= count
    for caller, callee in seen.calls.edges:
        for service, at in ((callee, 1), (caller, 2)):
            if service in found:
                found[service][at] -= 1
    return {service: tuple(counts) for service, counts in found.items()}


def fault_kind(clues: Sequence[tuple[float, Clue]]) -> Trouble:
    """The kind of the strongest clue; a resource that moved half as much explains a symptom.

    The way to a service explains its latency only if it grew more than the service's own.
    """
    best: dict[Trouble, float] = {}
    for strength, clue in clues:
        best[clue.kind] = max(best.get(clue.kind, 0.0), strength)
    if not best:
        return Trouble.OTHER
    top = max(best, key=lambda kind: best[kind])
    if top in (Trouble.LATENCY, Trouble.ERRORS):
        resources = {k: best[k] for k in RESOURCES if best.get(k, 0.0) >= 0.5 * best[top]}
        if resources:
            return max(resources, key=lambda kind: resources[kind])
    return top


RESOURCES = (Trouble.CPU, Trouble.MEMORY, Trouble.DISK, Trouble.DATA)


def confidence(scores: Mapping[str, float], rarity: float) -> float:
    """That the first is the cause: how far it stands out, and how rare such an alarm is."""
    ranked = sorted(scores.values(), reverse=True)
    if not ranked or ranked[0] <= 0:
        return 0.0
    runner_up = ranked[1] if len(ranked) > 1 else 0.0
    stands_out = (ranked[0] - runner_up) / ranked[0]
    sure = BASE + OF_MARGIN * stands_out + OF_RARITY * min(rarity, 3.0)
    return round(float(1.0 / (1.0 + np.exp(-sure))), 3)


# Logistic regression on the development cases, rounded; see docs/diagnosis.md.
BASE, OF_MARGIN, OF_RARITY = -3.5, 6.0, 1.0


def look_next(seen: Observed, voices: Sequence[Voice], order: Sequence[str]) -> tuple[str, ...]:
    """What is missing that would tell more."""
    heard = {v.ranker for v in voices}
    asks = []
    if "traces" not in heard:
        asks.append("spans from before and since the onset: where the time goes")
    if "logs" not in heard:
        asks.append("log lines from before and since the onset: what is new or silent")
    if not seen.calls.edges:
        asks.append("who calls whom: symptoms cannot be told from causes without it")
    if order:
        asks.append(f"recent changes of {order[0]}")
    return tuple(asks)
