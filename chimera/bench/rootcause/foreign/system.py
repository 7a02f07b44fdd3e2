"""One foreign system: who calls whom, what is measured, how often, and what its days are like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chimera.bench.rootcause.foreign.styles import STYLES
from chimera.diagnosis.observed import Floats

STEPS = (5.0, 10.0, 15.0, 30.0, 60.0, 300.0)
OPTIONAL = ("disk", "io", "slowest", "received", "sent", "retrans", "busy", "client", "server")
DATA = ("age", "rows")


@dataclass(frozen=True, eq=False)
class System:
    """Services are 0 to n-1; 0 is the front door, and a caller has a smaller number than its callee.

    `calls` (n, n) are calls of j for each request that i serves; what is not in `waited` is sent
    and forgotten. `nameless` metrics are called m1, m2. `step` is in seconds, `usual` and `now` are
    samples before and since the onset.
    """

    names: tuple[str, ...]
    calls: Floats
    waited: Floats
    idle: frozenset[int]
    data: frozenset[int]  # those that write data: they tell of its age and rows
    style: str
    nameless: bool
    measured: tuple[str, ...]
    step: float
    usual: int
    now: int
    graph: str  # given, partial or none
    busy_day: float  # amplitude of the daily wave
    noise: float
    meshed: bool  # latencies are what a proxy at the caller sees, so that the way counts

    @property
    def size(self) -> int:
        return len(self.names)

    def above(self, service: int) -> set[int]:
        """Those that wait for it, directly or not."""
        found, open_ = set[int](), [service]
        while open_:
            at = open_.pop()
            new = {int(i) for i in np.flatnonzero(self.waited[:, at])} - found
            found |= new
            open_ += sorted(new)
        return found


def draw(
    rng: np.random.Generator,
    needs: Sequence[str] = (),
    style: str | None = None,
    step: float | None = None,
    nameless: bool | None = None,
) -> System:
    """A system at random, which measures at least what `needs` names."""
    n = int(rng.integers(6, 30))
    calls = np.zeros((n, n))
    for j in range(1, n):
        callers = rng.choice(j, size=min(j, 1 + int(rng.random() < 0.3)), replace=False)
        calls[callers, j] = rng.choice([0.5, 1.0, 1.0, 2.0], size=len(callers))
    waited = np.where(rng.random((n, n)) < 0.85, calls, 0.0)
    leaves = [j for j in range(1, n) if not calls[j].any()]
    idle = frozenset(int(j) for j in leaves if rng.random() < 0.15)
    data = frozenset(int(j) for j in range(1, n) if rng.random() < 0.25) - idle
    chosen = str(rng.choice(sorted(STYLES))) if style is None else style
    optional = {what for what in OPTIONAL if rng.random() < 0.7}
    kept = {"client", "server"} if {"client", "server"} & set(needs) else set(needs)
    told = [w for w in STYLES[chosen] if w not in OPTIONAL or w in optional | kept]
    long = int(rng.integers(200, 700))
    return System(
        names=_names(rng, n),
        calls=calls,
        waited=waited,
        idle=idle,
        data=data,
        style=chosen,
        nameless=bool(rng.random() < 0.1) if nameless is None else nameless,
        measured=tuple(told),
        step=float(rng.choice(STEPS)) if step is None else step,
        usual=long,
        now=int(rng.integers(5, max(6, long // 12))) if rng.random() < 0.8 else long // 2,
        graph=str(rng.choice(["given", "given", "partial", "none"])),
        busy_day=float(rng.uniform(0.0, 0.5)),
        noise=float(rng.uniform(0.03, 0.15)),
        meshed=bool(rng.random() < 0.3),
    )


def _names(rng: np.random.Generator, n: int) -> tuple[str, ...]:
    syllables = ["ka", "lo", "mi", "ren", "tu", "vas", "bo", "dri", "sel", "nor", "pa", "qui"]
    found: dict[str, None] = {}
    while len(found) < n:
        found["".join(rng.choice(syllables, size=3))] = None
    return tuple(found)
