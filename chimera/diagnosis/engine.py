"""The root-cause engine: every ranker's voice, one combination, and the courage not to name one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from chimera.diagnosis import rankers as package
from chimera.diagnosis.combination import combine, confidence, known_of, rare, unseen
from chimera.diagnosis.observed import Observed, Origin, Trouble
from chimera.diagnosis.spans.owntime import learn_calls
from chimera.diagnosis.verdict import (
    Verdict,
    external,
    fault_kind,
    look_next,
    together,
    verdict,
)
from chimera.diagnosis.voice import Clue, Ranker, Voice
from chimera.domain.discovery import discover


def rankers() -> tuple[Ranker, ...]:
    """Those that are listened to: one of each kind that the package `rankers` holds."""
    return tuple(kind() for kind in discover(package, Ranker).values())


@dataclass(frozen=True)
class Named:
    """One service as a cause, with its score (0 for no sign) and what speaks for it."""

    service: str
    score: float
    kind: Trouble
    metrics: tuple[str, ...]
    clues: tuple[Clue, ...]
    against: tuple[str, ...] = ()  # what speaks against it, one sentence each


@dataclass(frozen=True)
class Ranking:
    """Every service, the likeliest cause first.

    `verdict`: "no_cause" for nothing beyond what the normal data do by themselves, "not_enough"
    for too little to tell. `confidence` is that the first is the cause, and 0 to 1. `together` are
    the causes that one cause cannot explain; mostly it is the first alone.
    """

    causes: tuple[Named, ...]
    confidence: float
    verdict: Verdict
    graph: Origin
    heard: tuple[str, ...] = ()  # the rankers that had something to look at
    together: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    look_next: tuple[str, ...] = ()

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(named.service for named in self.causes)

    @property
    def no_cause(self) -> bool:
        """No cause is named, for want of a sign or of evidence."""
        return self.verdict != "cause"


@dataclass(frozen=True)
class Engine:
    """`share`: what a voice weighs whose first two are alike; `false_alarms`: of normal stretches,
    the share in which a cause may be named."""

    rankers: Sequence[Ranker] = field(default_factory=rankers)
    share: float = 0.2
    false_alarms: float = 0.02

    def rank(self, seen: Observed) -> Ranking:
        """Rank all services of one incident."""
        if not seen.calls.edges:
            seen = replace(seen, calls=learn_calls(seen.spans_before, seen.spans_since))
        voices = [v for v in (r.rank(seen) for r in self.rankers) if v is not None]
        voices.sort(key=lambda v: (v.leans, v.ranker))  # evidence first, circumstances last
        scores = combine(voices, seen.candidates(), self.share)
        tie = known_of(seen)
        order = sorted(scores, key=lambda s: (-scores[s], *tie.get(s, ()), s))
        rarity = rare(voices)
        return Ranking(
            causes=tuple(_named(s, scores[s], voices) for s in order),
            confidence=confidence(scores, rarity, unseen(voices, order[:1], self.share)),
            verdict=verdict(voices, rarity, float(-np.log10(self.false_alarms))),
            graph=seen.calls.origin if seen.calls.edges else "none",
            heard=tuple(v.ranker for v in voices),
            together=together(seen, order, voices),
            external=external(seen, order),
            look_next=look_next(seen, voices, order),
        )


def _named(service: str, score: float, voices: list[Voice]) -> Named:
    clues = [
        (clue.strength / max(voice.best, voice.convincing), clue)
        for voice in voices
        for clue in voice.clues.get(service, ())
    ]
    clues.sort(key=lambda pair: (-pair[0], pair[1].says))
    told = tuple(clue for _, clue in clues)
    kind = fault_kind(clues)
    # The metrics of the kind that is named come first: they are what a repair is judged by.
    leading = sorted((clue for clue in told if clue.metric), key=lambda clue: clue.kind != kind)
    metrics = tuple(dict.fromkeys(clue.metric for clue in leading))
    against = tuple(_against(service, voice) for voice in voices if _against(service, voice))
    return Named(service, score, kind, metrics, told, against)


def _against(service: str, voice: Voice) -> str:
    """A ranker that points elsewhere, or sees nothing here while it sees something there."""
    first = min(voice.scores, key=lambda s: (-voice.scores[s], s), default="")
    if voice.leans or not first or first == service or voice.best < 0.5 * voice.convincing:
        return ""
    here = voice.scores.get(service, 0.0)
    if here <= 0:
        return f"{voice.ranker} show nothing here, but point to {first}"
    return f"{voice.ranker} say {here:.1f} here and {voice.best:.1f} at {first}"
