"""What can be said beyond an order: the kind of fault, several causes, one from outside, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from chimera.diagnosis.combination import ENOUGH
from chimera.diagnosis.observed import Observed, Trouble
from chimera.diagnosis.vocabulary import kinds_of
from chimera.diagnosis.voice import Clue, Voice

Verdict = Literal["cause", "no_cause", "not_enough"]
OWN = frozenset({Trouble.CPU, Trouble.MEMORY, Trouble.DISK, Trouble.DATA, Trouble.DOWN})
CHANGED = frozenset({Trouble.RELEASE, Trouble.CONFIGURATION})
SYMPTOMS = (Trouble.LATENCY, Trouble.ERRORS, Trouble.BUSY, Trouble.OTHER, Trouble.TRAFFIC)
DOUBTLESS = 0.25  # of what convinces: what a change or a resource has that explains a symptom
EXPLAINS = 0.5  # of the strength of a symptom that it seldom has: what a resource has at least
THROUGH = 0.2  # of the symptom's: less that gets through is slow as well, and moves less
BESIDE = 0.3  # of what convinces: what a resource of a second cause has at least
AMONG, MOST = 6, 3  # of so many suspects so many are causes
RISEN = 1.5  # times the usual: traffic that may be the cause itself


def fault_kind(clues: Sequence[tuple[float, Clue]]) -> Trouble:
    """The kind of the strongest clue, or of what explains it.

    A change made just before explains a symptom, and is what can be taken back. A resource that
    moved beyond doubt explains one however far the symptom went: errors have no upper end, a disk
    is full at 100 %. It explains a slow network too, since a busy server takes calls late. Less
    that gets through explains waiting.
    """
    best: dict[Trouble, float] = {}
    for strength, clue in clues:
        best[clue.kind] = max(best.get(clue.kind, 0.0), strength)
    signs = {k: s for k, s in best.items() if k not in CHANGED}
    top = max(signs, key=lambda kind: signs[kind]) if signs else Trouble.OTHER
    if top in SYMPTOMS:
        if changed := _enough(best, (*CHANGED, Trouble.DATA), 0.0):
            return changed
        if top is Trouble.LATENCY and best.get(Trouble.NETWORK, 0.0) >= THROUGH * signs[top]:
            top = Trouble.NETWORK
    explained = {k: v for k, v in best.items() if k in OWN and v >= _least(top, k) * signs[top]}
    return _enough(explained, explained, 0.0) or top


def _least(symptom: Trouble, resource: Trouble) -> float:
    """Of the symptom's strength, what the resource has at least: a busy processor seldom fails."""
    if symptom in (Trouble.LATENCY, Trouble.BUSY) or (
        symptom is Trouble.ERRORS and resource is not Trouble.CPU
    ):
        return DOUBTLESS
    return EXPLAINS if symptom in (Trouble.ERRORS, Trouble.NETWORK) else float("inf")


def _enough(
    best: Mapping[Trouble, float], kinds: Iterable[Trouble], least: float
) -> Trouble | None:
    """The strongest of these that is beyond doubt and at least so strong."""
    found = [k for k in kinds if best.get(k, 0.0) >= max(DOUBTLESS, least)]
    return max(found, key=lambda kind: (best[kind], kind), default=None)


def together(seen: Observed, order: Sequence[str], voices: Sequence[Voice]) -> tuple[str, ...]:
    """The causes that one cause cannot explain: signs of their own, and no calls between them.

    The first is always among them. A second one has a resource of its own that moved further than
    anything does in normal stretches: latency and errors of one cause are seen at many services, and
    how loud the first is says nothing of the second.
    """
    found = list(order[:1])
    for service in order[1:AMONG]:
        if len(found) == MOST:
            break
        if all(_apart(seen, service, other) for other in found) and _own(service, voices):
            found.append(service)
    return tuple(found)


def _apart(seen: Observed, one: str, other: str) -> bool:
    return one not in seen.calls.below(other) and other not in seen.calls.below(one)


def _own(service: str, voices: Sequence[Voice]) -> bool:
    return any(
        clue.kind in OWN
        and clue.strength >= max(BESIDE * voice.convincing, float(voice.usual.max(initial=0.0)))
        for voice in voices
        for clue in voice.clues.get(service, ())
    )


def verdict(voices: Sequence[Voice], rarity: float, least: float) -> Verdict:
    """A cause, none, or that nothing can be said: too little normal data, and nothing glaring."""
    signs = [v for v in voices if not v.leans]
    if not any(len(v.usual) >= ENOUGH for v in signs) and rarity < least:
        return "not_enough"
    return "no_cause" if rarity < least else "cause"


def external(seen: Observed, order: Sequence[str]) -> tuple[str, ...]:
    """What points outside: more requests than ever, or a first that nobody here can look into."""
    said = []
    metrics, target = seen.metrics, seen.target
    kinds = metrics.kinds or kinds_of(metrics.names)
    for i, (service, kind) in enumerate(zip(metrics.services, kinds, strict=True)):
        if target is None or service != target.service or kind is not Trouble.TRAFFIC:
            continue
        before, now = (v[i][np.isfinite(v[i])] for v in (metrics.before, metrics.since))
        if not len(before) or not len(now):
            continue
        most, level = float(np.quantile(before, 0.99)), float(np.median(now))
        if level > max(most, RISEN * float(np.median(before))):
            usual = float(np.median(before))
            said.append(
                f"traffic: {metrics.names[i]} of {service} went from {usual:.4g} to {level:.4g}, "
                f"more than {most:.4g} in 99 % of the usual; load may be the cause"
            )
            break
    inside = {s for s, k in zip(metrics.services, kinds, strict=True) if k in OWN}
    if order and inside and order[0] not in inside and not seen.calls.callees().get(order[0]):
        said.append(
            f"outside: {order[0]} shows nothing of its own resources and calls nobody here; it may "
            "be a dependency that others run"
        )
    return tuple(said)


def look_next(seen: Observed, voices: Sequence[Voice], order: Sequence[str]) -> tuple[str, ...]:
    """What is missing that would tell more."""
    heard = {v.ranker for v in voices}
    asks = []
    if "metrics" not in heard:
        asks.append("metrics from normal hours, ten times as long as the incident")
    elif all(len(v.usual) < ENOUGH for v in voices if v.ranker == "metrics"):
        asks.append("longer normal data: there is too little to tell what is rare")
    if "traces" not in heard:
        asks.append("spans from before and since the onset: where the time goes")
    if "logs" not in heard:
        asks.append("log lines from before and since the onset: what is new or silent")
    if not seen.calls.edges:
        asks.append("who calls whom: symptoms cannot be told from causes without it")
    if order:
        if not seen.changes:
            asks.append(f"recent changes of {order[0]}")
        watched = set(seen.candidates())
        unseen = sorted(seen.calls.callees().get(order[0], set()) - watched)
        if unseen:
            asks.append(f"what {order[0]} calls and nobody watches: {', '.join(unseen[:3])}")
    return tuple(asks)
