"""What diagnosis is given and what it answers. Plain arrays and facts; no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from chimera.domain import Change, Estate, FaultKind, SignalKind

Values = NDArray[np.float64]
Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, eq=False)
class Watched:
    """One series around the onset.

    `before` and `since` are consecutive and evenly spaced by `step` seconds, NaN where a sample is
    missing; `onset` is the Unix time of the first sample of `since`. `floor` (the smallest change
    worth telling) and `limit` (trouble beyond it) are in the series' own unit.
    """

    signal: str
    kind: SignalKind
    service: str
    before: Values
    since: Values
    onset: float
    step: float = 15.0
    labels: dict[str, str] = field(default_factory=dict)
    bad: Literal["up", "down", "both", "none"] = "up"
    floor: float = 0.0
    limit: float | None = None
    unit: str = ""

    @property
    def key(self) -> Key:
        return (self.signal, self.service, tuple(sorted(self.labels.items())))


@dataclass(frozen=True)
class LogShift:
    """How often a log template came, per minute, before and since the onset."""

    service: str
    template: str
    before: float
    since: float
    level: str = ""
    counted: tuple[int, int] = (0, 0)  # the same as counts


@dataclass(frozen=True)
class Case:
    """One incident, as arrays and facts."""

    began: float  # Unix seconds: the first symptom
    now: float
    series: tuple[Watched, ...]
    estate: Estate = field(default_factory=Estate)
    focus: tuple[str, ...] = ()  # where symptoms were reported; empty means anywhere
    changes: tuple[Change, ...] = ()
    logs: tuple[LogShift, ...] = ()
    replicas: dict[str, int] = field(default_factory=dict)
    # Refuted: it was repaired, and the trouble stayed.
    cleared: frozenset[tuple[str, FaultKind]] = frozenset()


@dataclass(frozen=True)
class Reason:
    """Why something is suspected, and the fact that says so."""

    text: str
    series: Key | None = None
    change: Change | None = None
    log: LogShift | None = None


@dataclass(frozen=True)
class Suspect:
    """One possible cause. `facts` are what a runbook may need to know, by parameter name."""

    target: str
    kind: FaultKind
    confidence: float  # 0 to 1
    cause: str  # one sentence
    reasons: tuple[Reason, ...]
    facts: dict[str, str] = field(default_factory=dict)
    at: str = ""  # the node whose trouble it explains; suspects of one node compete


@dataclass(frozen=True)
class Verdict:
    """The ranking, best first. Nobody suspected is an answer: `why` says how it came about."""

    suspects: tuple[Suspect, ...]
    why: str
    next_looks: tuple[str, ...] = ()
    recovered: bool = False
    hurt: tuple[str, ...] = ()  # nodes with symptoms now, worst first
