"""The practice company's own topology with a town's healthy series on every node."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import chimera.sandbox
from chimera.diagnosis.case import Case
from chimera.domain import SignalKind as K
from chimera.platform.catalog.estate import load_estate
from tests.diagnosis.town import BEGAN, SERVICE, SINCE, STEP, Town

PANTHER = load_estate(Path(chimera.sandbox.__file__).with_name("estate.yaml"))
SERVICES = tuple(n.name for n in PANTHER.nodes if n.kind == "service")
STEPS = tuple(n.name for n in PANTHER.nodes if n.kind == "step")
WRITERS = {d: n.name for n in PANTHER.nodes for d in n.writes}


class Panther(Town):
    """Paints as a town does; callers are those of the practice company."""

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        for name in SERVICES:
            for kind in (*SERVICE, K.PRESENCE):
                self.add(name, kind)
        for name in ("orders", "payments", "inventory"):
            self.add(name, K.POOL)
        for step in STEPS:
            for kind in (K.FAILURES, K.CPU, K.MEMORY, K.DISK, K.PRESENCE):
                self.add(step, kind)
        for dataset, writer in WRITERS.items():
            for kind in (K.FRESHNESS, K.VOLUME, K.NULLS):
                self.add(dataset, kind, service=writer, dataset=dataset)

    def slow(self, node: str, seconds: float) -> Panther:
        for name in self.waiting(node):
            self.paint(name, K.LATENCY, 0.08 + seconds)
        return self

    def fail(self, node: str, share: float) -> Panther:
        for name in self.waiting(node):
            self.paint(name, K.ERRORS, share)
        return self

    def poison(self, step: str) -> Panther:
        """A record stops a step: its output grows old, and all that is made from it."""
        self.paint(step, K.FAILURES, 0.1)
        for late, name in enumerate(n for n in PANTHER.felt_by(step) if n in WRITERS):
            age = 12.0 + np.maximum(0.0, STEP * (np.arange(SINCE) - late))
            self.paint(name, K.FRESHNESS, age)
        return self

    def waiting(self, node: str) -> tuple[str, ...]:
        """The node and the services that call it, however far: not what only reads its data."""
        found, frontier = [node], [node]
        while frontier:
            here = frontier.pop(0)
            for other in PANTHER.nodes:
                if here in other.calls and other.kind == "service" and other.name not in found:
                    found.append(other.name)
                    frontier.append(other.name)
        return tuple(found)

    def case(self, *focus: str) -> Case:
        return Case(
            began=BEGAN,
            now=BEGAN + SINCE * STEP,
            series=tuple(self.series.values()),
            estate=PANTHER,
            focus=focus,
            changes=tuple(self.changes),
            logs=tuple(self.logs),
        )
