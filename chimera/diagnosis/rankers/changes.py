"""What was changed on purpose shortly before the onset: a circumstance, no sign by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chimera.diagnosis.observed import Observed, Trouble
from chimera.diagnosis.vocabulary import parts
from chimera.diagnosis.voice import Clue, Ranker, Voice

_DATA = ("schema", "column", "migrat", "contract", "dataset", "table")
_RELEASE = ("release", "deploy", "image", "version", "rollout", "rolled", "upgrade", "build")


@dataclass(frozen=True)
class Changes(Ranker):
    """How recent the last change is: 1 at the onset, halved every `half_life` seconds.

    A change after the onset is no cause. One where nothing moved hardly is: the score multiplies
    what the other rankers say of the service.
    """

    name: ClassVar[str] = "changes"
    half_life: float = 900.0
    convincing: float = 1.0

    def rank(self, seen: Observed) -> Voice | None:
        scores = dict.fromkeys(seen.candidates(), 0.0)
        clues = {}
        for service, (before, what) in seen.changes.items():
            if service not in scores or before < 0:
                continue
            recent = 2.0 ** (-before / self.half_life)
            scores[service] = recent
            says = f"{what}, {before:.0f} s before the onset"
            clues[service] = (Clue(service, change_kind(what), recent, says),)
        return Voice(self.name, scores, self.convincing, clues, leans=True) if clues else None


def change_kind(what: str) -> Trouble:
    """Release, configuration or schema, by the words in which the change is told."""
    words = parts(what)
    for kind, begins in ((Trouble.DATA, _DATA), (Trouble.RELEASE, _RELEASE)):
        if any(word.startswith(begin) for word in words for begin in begins):
            return kind
    return Trouble.CONFIGURATION
