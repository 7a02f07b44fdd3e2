"""Voices into one order, how rare the alarm is, and how sure the first may be called."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from chimera.diagnosis.observed import Observed
from chimera.diagnosis.voice import Voice

SURE = 6.0  # rarer than one in a million is said of nothing
ENOUGH = 12  # normal stretches, without which nothing can be said of how rare a score is
LEAN = 0.15  # of the first's score: what a circumstance alone is worth


def combine(voices: Sequence[Voice], services: Sequence[str], share: float) -> dict[str, float]:
    """Add the voices up, each weighed by how much its first stands out from its second.

    A voice is measured by its best score, or by what is convincing where it is not: ranks would
    throw away that one voice is sure while another guesses. A circumstance (`leans`) multiplies
    what the others say: a change where nothing is wrong is no cause.
    """
    total = dict.fromkeys(services, 0.0)
    for voice in voices:
        weight = _weight(voice, share)
        for service, score in voice.scores.items():
            total[service] += weight * score
    most = max(total.values(), default=0.0)
    for voice in voices:
        for service, score in voice.scores.items() if voice.leans else ():
            total[service] = total[service] * (1.0 + score) + LEAN * score * most
    return total


def _weight(voice: Voice, share: float) -> float:
    """What one point of this voice's scores counts."""
    ranked = sorted(voice.scores.values(), reverse=True)
    if voice.leans or not ranked or ranked[0] <= 0:
        return 0.0
    runner_up = ranked[1] if len(ranked) > 1 else 0.0
    return (share + (ranked[0] - runner_up) / ranked[0]) / max(ranked[0], voice.convincing)


def unseen(voices: Sequence[Voice], first: Sequence[str], share: float) -> float:
    """How much of what speaks for the first may be load that the normal hours never had, 0 to 1.

    Who compares with normal hours cannot tell; spans and lines are compared call by call.
    """
    load = max((voice.unseen for voice in voices), default=0.0)
    said = [
        (_weight(v, share) * v.scores.get(s, 0.0), len(v.usual) > 0) for v in voices for s in first
    ]
    total = sum(score for score, _ in said)
    return load * sum(score for score, hours in said if hours) / total if total > 0 else 0.0


def rare(voices: Sequence[Voice]) -> float:
    """-log10 of the chance that normal data raise so much alarm in any of the voices.

    The tail beyond the 90th percentile is taken to be exponential, with a length that is known only
    as well as the stretches beyond it tell: what comes next is then distributed with a longer tail
    (Lomax), the longer the fewer they are. A voice without enough normal data cannot tell, so it
    speaks up only where it is convincing.
    """
    signs = [v for v in voices if not v.leans]
    told = [v for v in signs if len(v.usual) >= ENOUGH]
    if any(v.best >= v.convincing for v in signs if len(v.usual) < ENOUGH):
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
    far, few = (voice.alarm - q90) / mean, max(1, len(beyond))
    return 1.0 + few * math.log10(1.0 + far / few)


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


def confidence(scores: Mapping[str, float], rarity: float, load: float = 0.0) -> float:
    """That the first is the cause: how far it stands out, and how rare such an alarm is.

    `load` is how much of it may be load that was never there before (`unseen`).
    """
    ranked = sorted(scores.values(), reverse=True)
    if not ranked or ranked[0] <= 0:
        return 0.0
    runner_up = ranked[1] if len(ranked) > 1 else 0.0
    stands_out = math.sqrt((ranked[0] - runner_up) / ranked[0])
    sure = BASE + OF_MARGIN * stands_out + OF_RARITY * min(rarity, 3.0) - OF_LOAD * load
    return round(float(1.0 / (1.0 + np.exp(-sure))), 3)


# Logistic regression on cases from files and drawn ones, rounded; see docs/diagnosis.md.
BASE, OF_MARGIN, OF_RARITY = -3.55, 3.4, 1.2
OF_LOAD = 2.0  # on drawn systems with a surge from the onset on, and on nothing else
