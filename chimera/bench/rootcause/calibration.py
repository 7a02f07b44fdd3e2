"""Reliability: of what is said with a confidence, how much is right."""

from __future__ import annotations

import itertools

from chimera.bench.rootcause.labels import Labels
from chimera.diagnosis.engine import Ranking

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.01)


def reliability(full: dict[str, Ranking], labels: Labels) -> list[dict[str, float]]:
    """Per bin: mean confidence said, share right, and how many cases."""
    return bins([(full[k].confidence, full[k].services[0] == s) for k, s in labels.service.items()])


def bins(said: list[tuple[float, bool]]) -> list[dict[str, float]]:
    """The same of pairs of a confidence and whether it was right."""
    found = []
    for low, high in itertools.pairwise(EDGES):
        inside = [(c, right) for c, right in said if low <= c < high]
        if inside:
            found.append(
                {
                    "said": round(sum(c for c, _ in inside) / len(inside), 3),
                    "right": round(sum(r for _, r in inside) / len(inside), 3),
                    "cases": len(inside),
                }
            )
    return found
