"""That something runs out, as it is told to people and remembered between looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from chimera.detection.base import SeriesKey
from chimera.detection.episodes import anomaly_id
from chimera.domain import Anomaly, Signal, Value
from chimera.domain.units import number

FORECAST = "forecast"  # the detector's name in an anomaly
Name = tuple[str, str, tuple[tuple[str, str], ...]]


class Filling(Value):
    """What is remembered of a series that may run out; kept in the watcher's state."""

    name: Name
    began: datetime  # the first look of those in a row that saw it
    told: bool = False
    sure: int = 0
    calm: int = 0
    rest: int = 0  # looks in which it is not told again, since it was taken back


@dataclass(frozen=True)
class RunsOut:
    """A verdict about one series (row of the block). `ended` says that it no longer holds, and
    `reason` why. Times are from `at` on; None: not so far as can be seen."""

    row: int
    key: SeriesKey
    at: datetime
    began: datetime
    value: float
    limit: float
    edge: float  # back beyond this, it is repaired
    middle: timedelta | None
    soonest: timedelta | None
    latest: timedelta | None
    probability: float
    ended: bool = False
    reason: str = ""

    def words(self, signal: Signal | None = None) -> str:
        """`reaches 0.9 in 5 h 40 min (4 h to 8 h)`, `expires in 9 d`."""
        if signal is not None and signal.read == "expiry" and self.value > self.limit:
            return f"expires in {spoken(timedelta(seconds=self.value / signal.scale))}"
        if self.ended:
            return self.reason
        latest = "later than can be seen" if self.latest is None else spoken(self.latest)
        limit = number(self.limit, signal.unit if signal else "")
        return (
            f"reaches {limit} in {spoken(self.middle or timedelta())} "
            f"({spoken(self.soonest or timedelta())} to {latest})"
        )

    def anomaly(self, signal: Signal, environment: str = "default") -> Anomaly:
        """The verdict as an anomaly of the detector "forecast"; its id stays while it lasts."""
        up = self.limit > self.edge
        return Anomaly(
            id=anomaly_id(self.key, "up" if up else "down", self.began),
            signal=signal.name,
            kind=signal.kind,
            service=self.key.service,
            labels=dict(self.key.labels),
            environment=environment,
            query=self.key.query,
            began=self.began,
            seen=self.at,
            observed=self.value,
            expected=self.edge,
            low=min(self.edge, self.value) if up else self.edge,
            high=self.edge if up else max(self.edge, self.value),
            direction="up" if up else "down",
            surprise=float(min(-np.log10(max(1 - self.probability, 1e-10)), 10.0)),
            detector=FORECAST,
            symptom=signal.symptom,
            foreseen=self.words(signal),
            over=self.ended,
            unit=signal.unit,
        )


def spoken(span: timedelta) -> str:
    """A span of time as people say it: `40 s`, `12 min`, `5 h 40 min`, `9 d`."""
    seconds = max(round(span.total_seconds()), 0)
    if seconds < 120:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest and hours < 12 else f"{round(minutes / 60)} h"
    return f"{round(hours / 24)} d"
