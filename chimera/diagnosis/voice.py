"""What one ranker says, and the contract of a ranker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from chimera.diagnosis.observed import Floats, Observed, Trouble


@dataclass(frozen=True)
class Clue:
    """One thing that was seen at a service and speaks for it as the cause."""

    service: str
    kind: Trouble
    strength: float  # in the ranker's own unit
    says: str  # one sentence with figures
    metric: str = ""


@dataclass(frozen=True, eq=False)
class Voice:
    """A score for every service, 0 for no sign at all, and what it rests on.

    `convincing` is the score from which this ranker's first needs no other witness. `alarm` tells
    whether there is anything at all, and `usual` the same on stretches of the normal data, if there
    is enough of it: one compared with the other says how rare this is without a fault. What only
    `leans` is a circumstance: its scores, 0 to 1, make a suspect more likely and raise no alarm.
    """

    ranker: str
    scores: Mapping[str, float]
    convincing: float
    clues: Mapping[str, tuple[Clue, ...]] = field(default_factory=dict)
    alarm: float = 0.0
    usual: Floats = field(default_factory=lambda: np.empty(0))
    leans: bool = False
    unseen: float = 0.0  # the share of what it compares with normal hours that may be new load's

    @property
    def best(self) -> float:
        return max(self.scores.values(), default=0.0)


class Ranker(ABC):
    """Scores services by one kind of evidence; says None where it has none to look at."""

    name: ClassVar[str]

    @abstractmethod
    def rank(self, seen: Observed) -> Voice | None:
        """The voice of this ranker. The order of rows and columns never matters."""
