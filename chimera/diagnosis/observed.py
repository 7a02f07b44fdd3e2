"""What the root-cause engine is given: arrays and a graph, before and since one onset. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Trouble(StrEnum):
    """What a metric tells about, and what kind of fault its change speaks for."""

    CPU = "cpu"
    MEMORY = "memory"
    DISK = "disk"
    NETWORK = "network"
    BYTES = "bytes"  # sent and received: the network's, but moved by whoever asks
    LATENCY = "latency"
    ERRORS = "errors"
    CONFIGURATION = "configuration"
    RELEASE = "release"
    DOWN = "down"
    DATA = "data"
    TRAFFIC = "traffic"
    BUSY = "busy"  # requests, connections, threads under way: they pile up behind who is slow
    HOST = "host"  # of the machine under it, which it shares with others
    OTHER = "other"


@dataclass(frozen=True, eq=False)
class Metrics:
    """Series of services, one a row: `before` (rows, time) and `since` (rows, time), NaN = missing.

    Both are evenly spaced by the same step. `kinds` may be given by who knows them; otherwise they
    are read from the metrics' names (`chimera.diagnosis.vocabulary`).
    """

    services: tuple[str, ...]
    names: tuple[str, ...]
    before: Floats
    since: Floats
    kinds: tuple[Trouble, ...] | None = None


@dataclass(frozen=True, eq=False)
class Spans:
    """Spans as columns of equal length; `parent` is the row of the parent, -1 where there is none.

    `service` and `operation` are positions in `services` and `operations`, `started` is in seconds,
    `lasted` in milliseconds, `ids` are the spans' own, by which log lines find them.
    """

    ids: tuple[str, ...]
    parent: Ints
    service: Ints
    operation: Ints
    started: Floats
    lasted: Floats
    services: tuple[str, ...]
    operations: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Line:
    """One log line. `span` is the id of the span that wrote it, "" where it is not known."""

    service: str
    message: str
    span: str = ""


Origin = Literal["given", "traces", "labels", "none"]


@dataclass(frozen=True)
class Calls:
    """Who calls whom, as far as is known, and how that is known."""

    edges: frozenset[tuple[str, str]] = frozenset()  # (caller, callee)
    origin: Origin = "none"

    def callees(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for caller, callee in self.edges:
            if caller != callee:
                found.setdefault(caller, set()).add(callee)
        return found

    def below(self, top: str) -> set[str]:
        """Everything that `top` reaches, itself included."""
        callees, seen, open_ = self.callees(), {top}, [top]
        while open_:
            new = callees.get(open_.pop(), set()) - seen
            seen |= new
            open_ += new
        return seen


@dataclass(frozen=True)
class Target:
    """Where users feel it: the service and metric that raised the incident."""

    service: str
    metric: str = ""


@dataclass(frozen=True, eq=False)
class Observed:
    """All that is known of one incident. What is not there is None, empty, or has no rows."""

    metrics: Metrics
    calls: Calls = field(default_factory=Calls)
    target: Target | None = None
    spans_before: Spans | None = None
    spans_since: Spans | None = None
    lines_before: tuple[Line, ...] = ()
    lines_since: tuple[Line, ...] = ()
    # Changes made on purpose: service -> (seconds before the onset, what was changed).
    changes: Mapping[str, tuple[float, str]] = field(default_factory=dict)

    def candidates(self) -> tuple[str, ...]:
        """Every service that anything is known of, in alphabetical order."""
        found = set(self.metrics.services)
        for spans in (self.spans_before, self.spans_since):
            if spans is not None:
                found |= set(spans.services)
        found |= {line.service for line in (*self.lines_before, *self.lines_since)}
        return tuple(sorted(found))
