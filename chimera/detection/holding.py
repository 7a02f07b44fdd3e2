"""Whether a signal is to be held back: silenced, or begun in a maintenance window. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from chimera.detection.base import Block, Floats
from chimera.domain import Planned, Silence
from chimera.domain.alerting import one_of


@dataclass(frozen=True)
class Odd:
    """One signal as holding sees it. `felt`: users feel it, it would page."""

    service: str
    signal: str
    environment: str
    began: datetime
    felt: bool
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Holds:
    """What holds at one moment: silences, maintenance by order, and windows from the settings."""

    at: datetime
    silences: Sequence[Silence] = ()
    planned: Sequence[Planned] = ()

    def on(self, odd: Odd) -> str | None:
        """What holds the signal back; None: nothing does.

        A silence that does not name signal and service exactly lets through what users feel. A
        maintenance window takes only what began within it, and lets it go at its end.
        """
        for silence in self.matching(odd):
            if silence.kind == "maintenance":
                if odd.began >= silence.since:
                    return f"maintenance {silence.id}"
            elif silence.matcher.explicit or not odd.felt:
                return f"silence {silence.id}"
        for planned, (begins, _) in self.windows(odd.service):
            if odd.began >= begins:
                return f"maintenance: {planned.reason}"[:255]
        return None

    def matching(self, odd: Odd) -> list[Silence]:
        """Silences that speak of the signal, whether or not they may hold it."""
        return [
            silence
            for silence in self.silences
            if silence.holds(self.at)
            and silence.matcher.matches(odd.service, odd.signal, odd.environment, odd.labels)
        ]

    def windows(self, service: str) -> list[tuple[Planned, tuple[datetime, datetime]]]:
        """Windows of the settings that are open for a service."""
        return [
            (planned, window)
            for planned in self.planned
            if one_of(planned.services, service) and (window := planned.window(self.at)) is not None
        ]


@dataclass(frozen=True)
class Unlearned:
    """A stretch that no baseline learns from: services by glob, from and to."""

    services: tuple[str, ...]
    begins: datetime
    ends: datetime

    def covers(self, service: str) -> bool:
        return one_of(self.services, service)


def forget(block: Block, hidden: Floats, stretches: Sequence[Unlearned], points: int) -> None:
    """Take the stretches out of `hidden` (series, time), all but the newest `points`: those are
    judged now, and learnt from by nobody afterwards."""
    judged = hidden.shape[1] - points
    for stretch in stretches:
        first = max(math.ceil((stretch.begins - block.start) / block.step), 0)
        last = min(math.ceil((stretch.ends - block.start) / block.step), judged)
        for row, key in enumerate(block.keys):
            if first < last and stretch.covers(key.service):
                hidden[row, first:last] = np.nan


def unlearned(
    silences: Iterable[Silence], planned: Iterable[Planned], since: datetime, until: datetime
) -> list[Unlearned]:
    """Every stretch since a moment whose windows said that nothing is to be learnt from it."""
    found = [
        Unlearned(s.matcher.services, s.since, s.ends)
        for s in silences
        if not s.learn and s.ends > since
    ]
    for window in planned:
        if not window.learn:
            found += [Unlearned(window.services, *one) for one in window.between(since, until)]
    return found
