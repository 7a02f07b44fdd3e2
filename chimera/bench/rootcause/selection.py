"""Would the settings have been found elsewhere? Left-out systems, and halves of the cases."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import rich

from chimera.bench.rootcause.cases import Case
from chimera.bench.rootcause.labels import Labels
from chimera.diagnosis.combination import combine, known_of
from chimera.diagnosis.observed import Trouble
from chimera.diagnosis.rankers.logs import Templates
from chimera.diagnosis.rankers.metrics import MetricShift, weights
from chimera.diagnosis.rankers.traces import OwnTime
from chimera.diagnosis.rankers.volume import FeltVolume
from chimera.diagnosis.voice import Ranker, Voice

SHARES = (0.1, 0.2, 0.5)
HALVES = 40
Ranks = list[int]  # of the true service, by case
Setting = tuple[int, ...]


def variants() -> dict[str, list[Ranker]]:
    """The settings that are tried of each ranker."""
    symptoms = []
    for weight, tail in itertools.product((0.6, 0.8, 1.0), (0.3, 0.7, 1.5)):
        table = weights() | {Trouble.LATENCY: weight, Trouble.ERRORS: weight}
        symptoms.append(MetricShift(weights=table, tail=tail))
    return {
        "metrics": list(symptoms),
        "volume": [FeltVolume(sharpness=s) for s in (1.0, 2.0, 3.0)],
        "traces": [OwnTime(sure=s) for s in (0.0, 0.5, 1.0)],
        "logs": [Templates(recovery=r) for r in (0.25, 0.4, 0.7)],
    }


def select(found: list[Case], labels: Labels) -> dict[str, Any]:
    """Per system: AC@1 of the settings that were best elsewhere. Takes minutes."""
    judged = [case for case in found if case.key in labels.service]
    ranks = every_rank(judged, labels)
    systems = sorted({case.system for case in judged})
    told: dict[str, Any] = {"left_out": {}, "split_half": {}}
    for system in systems:
        others = [i for i, case in enumerate(judged) if case.system != system]
        own = [i for i, case in enumerate(judged) if case.system == system]
        told["left_out"][system] = round(ac1(ranks[best(ranks, others, judged)], own), 2)
    for system in systems:
        own = [i for i, case in enumerate(judged) if case.system == system]
        draws = []
        for seed in range(HALVES):
            half = set(random.Random(seed).sample(own, len(own) // 2))
            chosen = best(ranks, half, judged)
            draws.append(ac1(ranks[chosen], [i for i in own if i not in half]))
        told["split_half"][system] = round(sum(draws) / len(draws), 2)
    rich.print(f"AC@1 with settings found on the other systems: {told['left_out']}")
    rich.print(f"AC@1 with settings found on half of the cases: {told['split_half']}")
    return told


def every_rank(judged: list[Case], labels: Labels) -> Mapping[Setting, Ranks]:
    """Rank of the true service in each case, for every combination of settings."""
    tried = variants()
    ranks: dict[Setting, Ranks] = defaultdict(list)
    for case in judged:
        seen = case.observe()
        voices: list[list[Voice | None]] = [[r.rank(seen) for r in kind] for kind in tried.values()]
        ties, truth = known_of(seen), labels.service[case.key]
        cache: dict[tuple[int, ...], int] = {}
        sizes = [range(len(kind)) for kind in voices]
        for setting in itertools.product(range(len(SHARES)), *sizes):
            heard = [voices[k][at] for k, at in enumerate(setting[1:])]
            # Where a ranker has nothing to look at, its settings change nothing.
            key = tuple(
                at if v is not None else 0 for at, v in zip(setting[1:], heard, strict=True)
            )
            if (mark := (setting[0], *key)) not in cache:
                present = [v for v in heard if v is not None]
                scores = combine(present, seen.candidates(), SHARES[setting[0]])
                order = sorted(scores, key=lambda s: (-scores[s], *ties.get(s, ()), s))
                cache[mark] = order.index(truth) if truth in order else len(order)
            ranks[setting].append(cache[mark])
    return ranks


def best(ranks: Mapping[Setting, Ranks], of: Iterable[int], judged: list[Case]) -> Setting:
    """The setting with the best mean over systems of AC@1 and Avg@5; of equal ones the middle."""
    by: dict[str, list[int]] = defaultdict(list)
    for i in of:
        by[judged[i].system].append(i)

    def merit(setting: Setting) -> float:
        values = [
            ac1(ranks[setting], rows)
            + sum(max(0, 5 - ranks[setting][i]) for i in rows) / 5 / len(rows)
            for rows in by.values()
        ]
        return round(sum(values), 9)

    top = max(merit(setting) for setting in ranks)
    equal = [setting for setting in ranks if merit(setting) == top]
    middle = [sorted(column)[len(column) // 2] for column in zip(*equal, strict=True)]
    return min(equal, key=lambda s: sum(abs(a - b) for a, b in zip(s, middle, strict=True)))


def ac1(ranks: Ranks, rows: Iterable[int]) -> float:
    of = list(rows)
    return sum(ranks[i] == 0 for i in of) / max(1, len(of))
