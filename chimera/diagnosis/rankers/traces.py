"""Where the time of requests went: own time of operations, and the way between services."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from chimera.diagnosis.observed import Observed, Spans, Trouble
from chimera.diagnosis.spans.owntime import callee_of, own_time
from chimera.diagnosis.voice import Clue, Ranker, Voice

WAY = "network latency"  # what the client saw less what its server did
Place = tuple[str, str, str]  # service, operation, who calls it | caller, operation, callee


@dataclass(frozen=True)
class OwnTime(Ranker):
    """The growth of the log of own time, less its own standard error; median against median.

    A client span with a child in another service is the way between the two: its own time is what
    network and queues take. It speaks for the callee, and somewhat for the caller: a service whose
    network is slow is slow towards all its callers.
    """

    name: ClassVar[str] = "traces"
    convincing: float = 4.0
    sure: float = 0.5  # standard errors that a growth is less
    towards_caller: float = 0.3
    least_ms: float = 0.5  # what is faster than this is noise
    fewest: int = 2

    def rank(self, seen: Observed) -> Voice | None:
        if seen.spans_before is None or seen.spans_since is None:
            return None
        own_before, way_before = self._times(seen.spans_before)
        own_since, way_since = self._times(seen.spans_since)
        own = self._grown(own_before, own_since)
        way: dict[tuple[str, str], tuple[float, Place]] = {}
        for place, growth in self._grown(way_before, way_since).items():
            edge = (place[0], place[2])
            way[edge] = max(way.get(edge, (0.0, place)), (growth, place))
        scores = dict.fromkeys(seen.candidates(), 0.0)
        clues: dict[str, list[Clue]] = defaultdict(list)
        inside: dict[str, tuple[float, Place]] = {}
        for place, growth in own.items():
            inside[place[0]] = max(inside.get(place[0], (0.0, place)), (growth, place))
        for service, (growth, place) in inside.items():
            scores[service] += growth
            if growth > 0:
                says = _says(f"own time of {place[1]}", own_before[place], own_since[place])
                clues[service].append(Clue(service, Trouble.LATENCY, growth, says))
        into, out = defaultdict(list), defaultdict(list)
        for (caller, callee), (growth, place) in way.items():
            into[callee].append((growth, place))
            out[caller].append(growth)
        for service, grown in into.items():
            mean = float(np.mean([g for g, _ in grown]))
            scores[service] += mean
            most, place = max(grown)
            if most > 0:
                what = f"the way from {place[0]} to {service}"
                says = _says(what, way_before[place], way_since[place])
                clues[service].append(Clue(service, Trouble.NETWORK, mean, says, WAY))
        for service, growths in out.items():
            mean = self.towards_caller * float(np.mean(growths))
            scores[service] += mean
        told = {s: tuple(sorted(c, key=lambda c: -c.strength)) for s, c in clues.items()}
        return Voice(self.name, scores, self.convincing, told)

    def _times(self, spans: Spans) -> tuple[dict[Place, list[float]], dict[Place, list[float]]]:
        own, called = own_time(spans).tolist(), callee_of(spans).tolist()
        inside: dict[Place, list[float]] = defaultdict(list)
        between: dict[Place, list[float]] = defaultdict(list)
        for i, (s, o, p) in enumerate(
            zip(
                spans.service.tolist(), spans.operation.tolist(), spans.parent.tolist(), strict=True
            )
        ):
            service, operation = spans.services[s], spans.operations[o]
            if called[i] >= 0:
                between[service, operation, spans.services[called[i]]].append(own[i])
                continue
            caller = spans.services[spans.service[p]] if p >= 0 else ""
            inside[service, operation, caller if caller != service else ""].append(own[i])
        return inside, between

    def _grown(
        self, before: dict[Place, list[float]], since: dict[Place, list[float]]
    ) -> dict[Place, float]:
        found = {}
        for place, values in since.items():
            usual = before.get(place, ())
            if len(values) >= self.fewest and len(usual) >= self.fewest:
                was, error = self._median(usual)
                now, other = self._median(values)
                found[place] = max(0.0, now - was - self.sure * float(np.hypot(error, other)))
        return found

    def _median(self, values: list[float] | tuple[float, ...]) -> tuple[float, float]:
        """Median of the logs, and its standard error."""
        logs = np.log(np.asarray(values) + self.least_ms)
        q25, q50, q75 = np.percentile(logs, [25, 50, 75])
        spread = max((q75 - q25) / 1.349, 1.4826 * float(np.median(np.abs(logs - q50))), 0.1)
        return float(q50), 1.2533 * spread / len(logs) ** 0.5


def _says(what: str, before: list[float], since: list[float]) -> str:
    was, now = float(np.median(before)), float(np.median(since))
    return f"{what} went from {was:.3g} to {now:.3g} ms ({len(before)} and {len(since)} spans)"
