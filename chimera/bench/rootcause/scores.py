"""AC@k and Avg@5 of rankings, rounded as they are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    cases: int
    ac1: float
    ac3: float
    avg5: float

    def __str__(self) -> str:
        return f"{self.ac1:.2f} / {self.ac3:.2f} / {self.avg5:.2f}"


def score(rankings: Mapping[str, Sequence[str]], truth: Mapping[str, str]) -> Score:
    """Over the cases that have a truth; an empty ranking is a miss."""
    hits = [0] * 5
    judged = [key for key in rankings if key in truth]
    for key in judged:
        named = list(rankings[key])[:5]
        for k in range(5):
            hits[k] += truth[key] in named[: k + 1]
    n = max(1, len(judged))
    return Score(
        len(judged), half_up(hits[0] / n), half_up(hits[2] / n), half_up(sum(hits) / 5 / n)
    )


def half_up(share: float) -> float:
    """Two decimals as people round: .125 is .13."""
    return math.floor(share * 100 + 0.5 + 1e-9) / 100
