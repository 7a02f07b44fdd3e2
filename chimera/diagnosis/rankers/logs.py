"""Log templates whose share of a service's calls changed: what is new, and what has gone silent."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from chimera.diagnosis.logs.drain import Drain
from chimera.diagnosis.logs.masking import SERVICE, distinctive
from chimera.diagnosis.observed import Line, Observed, Spans, Trouble
from chimera.diagnosis.voice import Clue, Ranker, Voice

_BAD = re.compile(r"(?i)^(?:error|err|warn|warning|fatal|critical|severe|panic|fail(?:ed|ure)?)$")
Place = tuple[str, str]  # service, operation
Told = tuple[str, str, int]  # service, operation, template


@dataclass(frozen=True)
class Templates(Ranker):
    """Per operation and template: the change of the share of its calls that log it, times -log10 of
    Fisher's exact p, at most `surest`.

    The share keeps a changed mix of work from being an alarm. A complaint that appears and progress
    that is no longer reported count in full; progress that appears and complaints that vanish, a
    recovery, for `recovery` of it. Who complains of another service is hardly the cause.
    """

    name: ClassVar[str] = "logs"
    convincing: float = 5.0
    surest: float = 8.0
    recovery: float = 0.4
    of_another: float = 0.3
    fewest: int = 2

    def rank(self, seen: Observed) -> Voice | None:
        if not seen.lines_before or not seen.lines_since:
            return None
        names = frozenset(filter(distinctive, seen.candidates()))
        drain = Drain()
        calls_before, before = self._count(drain, seen.spans_before, seen.lines_before, names)
        calls_since, since = self._count(drain, seen.spans_since, seen.lines_since, names)
        clues: dict[str, list[Clue]] = defaultdict(list)
        scores = dict.fromkeys(seen.candidates(), 0.0)
        for told in sorted(before.keys() | since.keys()):
            n, m = calls_before[told[:2]], calls_since[told[:2]]
            template = drain.templates.get(told[2])
            if n < self.fewest or m < self.fewest or template is None:
                continue
            a, b = min(before[told], n), min(since[told], m)
            change = b / m - a / n
            score = abs(change) * min(-math.log10(fisher(a, n, b, m)), self.surest)
            complaint = complains(template.words)
            score *= 1.0 if (change > 0) == complaint else self.recovery
            score *= self.of_another if SERVICE in template.words else 1.0
            if score <= 0:
                continue
            scores[told[0]] = max(scores[told[0]], score)
            says = f"{template.text!r} came in {b} of {m} calls, in {a} of {n} before"
            clues[told[0]].append(Clue(told[0], Trouble.ERRORS, score, says))
        best = {
            s: tuple(sorted(c, key=lambda c: (-c.strength, c.says))[:3]) for s, c in clues.items()
        }
        return Voice(self.name, scores, self.convincing, best)

    def _count(
        self, drain: Drain, spans: Spans | None, lines: Iterable[Line], names: frozenset[str]
    ) -> tuple[Counter[Place], Counter[Told]]:
        """Calls of each operation, and in how many of them each template came.

        A line whose span is not known counts against all lines of its service.
        """
        calls: Counter[Place] = Counter()
        where: dict[str, Place] = {}
        if spans is not None:
            for name, s, o in zip(spans.ids, spans.service, spans.operation, strict=True):
                where[name] = (spans.services[s], spans.operations[o])
            calls.update(where.values())
        seen: set[tuple[str, int]] = set()
        told: Counter[Told] = Counter()
        other: dict[str, frozenset[str]] = {}
        for line in lines:
            place = where.get(line.span)
            if place is None:
                if line.span and spans is not None:
                    continue  # of a call that was not recorded
                place = (line.service, "")
                calls[place] += 1
            others = other.setdefault(place[0], names - {place[0]})
            number = drain.learn(line.message, place[0], others).number
            if line.span and (line.span, number) in seen:
                continue
            seen.add((line.span, number))
            told[(*place, number)] += 1
        return calls, told


def complains(words: tuple[str, ...]) -> bool:
    """The template is of an error or a warning."""
    return any(_BAD.match(word) or word.endswith(("Exception", "Error")) for word in words)


def fisher(a: int, n: int, b: int, m: int) -> float:
    """Two-sided Fisher's exact p of a out of n against b out of m (twice the smaller tail)."""
    total, hits = n + m, a + b
    low, high = max(0, hits - m), min(hits, n)
    base = _choose(total, hits)
    chance = [math.exp(_choose(n, k) + _choose(m, hits - k) - base) for k in range(low, high + 1)]
    at = a - low
    return min(1.0, max(2.0 * min(sum(chance[: at + 1]), sum(chance[at:])), 1e-300))


def _choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
