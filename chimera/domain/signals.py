"""What is watched and what is seen: signals, series, anomalies, alerts, symptoms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from chimera.domain.base import Value


class SignalKind(StrEnum):
    """What a series tells about; diagnosis and runbooks reason in these words."""

    TRAFFIC = "traffic"
    ERRORS = "errors"
    LATENCY = "latency"
    CPU = "cpu"
    MEMORY = "memory"
    POOL = "pool"  # connections in use, as a share of the pool
    QUEUE = "queue"  # work waiting
    SATURATION = "saturation"  # workers busy, as a share of all
    DISK = "disk"
    CREDENTIAL = "credential"  # authentication refused
    FRESHNESS = "freshness"  # age of a dataset
    VOLUME = "volume"  # rows of a dataset
    NULLS = "nulls"  # share of empty fields
    DUPLICATES = "duplicates"  # share of a dataset's rows that are there already
    LAG = "lag"  # records that arrive long after they happened
    SCHEMA = "schema"
    DRIFT = "drift"  # of a model's predictions
    FAILURES = "failures"  # runs of a pipeline step that failed
    PRESENCE = "presence"  # 1 while the target answers its scrape
    OTHER = "other"


class Signal(Value):
    """One thing to watch, for every service that has it: a row of `[[watch]]`.

    `read` says how raw samples become a series: a `gauge` as it is; a `rate` of a counter per
    second; a `ratio` of two counters' increases (`metric` over `per`); the `mean` or a `quantile`
    of a histogram, `metric` being its base name; an `expiry` as the seconds that are left until the
    moment that the metric holds as Unix time, of the instance that runs out first.
    """

    name: str
    kind: SignalKind = SignalKind.OTHER
    read: Literal["gauge", "rate", "ratio", "mean", "quantile", "expiry"] = "gauge"
    metric: str
    per: str | None = None  # the denominator of a ratio
    where: str = ""  # PromQL matchers for `metric`, without braces
    per_where: str = ""
    scale: float = 1.0  # multiplies a gauge; a ratio of gauges uses `per`
    quantile: float = 0.99
    service_label: str = "service"
    by: tuple[str, ...] = ()  # further labels that tell series apart, for example ("dataset",)
    combine: Literal["sum", "max", "mean"] = "sum"  # over instances of one service
    bad: Literal["up", "down", "both", "none"] = "up"  # which way means trouble
    floor: float = 0.0  # smallest change worth telling, in the series' own unit
    limit: float | None = None  # beyond it is trouble however usual
    horizon: float = 300.0  # seconds ahead in which reaching `limit` is worth a warning
    symptom: bool = False  # what users feel; a lone cause metric opens no page

    @property
    def level(self) -> bool:
        """Whether its samples are what is there, and not counters of what has happened."""
        return self.read in ("gauge", "expiry")

    @property
    def unit(self) -> str:
        """From how it is read and from its metric's name, as `domain.units.number` writes it."""
        if (
            self.read == "ratio"
            or (self.read == "gauge" and self.per)
            or self.kind is SignalKind.NULLS
        ):
            return "share"
        if self.read == "expiry":
            return "seconds"
        name = self.metric.removesuffix("_total")
        if self.scale != 1.0:
            return ""
        if self.kind is SignalKind.CPU and self.read == "rate" and name.endswith("_seconds"):
            return "cores"
        if self.read == "rate":
            return "bytes/s" if name.endswith("_bytes") else "/s"
        for ending, unit in (
            ("_seconds", "seconds"),
            ("_milliseconds", "ms"),
            ("_ms", "ms"),
            ("_bytes", "bytes"),
        ):
            if name.endswith(ending):
                return unit
        return ""


class Series(Value):
    """One evenly spaced series; a missing sample is NaN."""

    signal: str
    kind: SignalKind
    service: str
    labels: dict[str, str] = Field(default_factory=dict)
    start: datetime
    step: timedelta
    values: tuple[float, ...]


class Anomaly(Value):
    """A stretch of one series that a detector holds to be abnormal.

    `surprise` is -log10 of the tail probability; `low` and `high` bound what was expected.
    """

    id: str  # signal, service, labels and onset: the same anomaly seen twice has one id
    signal: str
    kind: SignalKind
    service: str
    labels: dict[str, str] = Field(default_factory=dict)
    environment: str = "default"
    query: str  # PromQL a person can open
    began: datetime
    seen: datetime
    observed: float
    expected: float
    low: float
    high: float
    direction: Literal["up", "down", "missing"]
    surprise: float
    detector: str
    symptom: bool = False
    foreseen: str = ""  # when it reaches its limit: "reaches 0.9 in 5 h 40 min (4 h to 8 h)"
    over: bool = False  # it is back to normal
    unit: str = ""  # of what was observed and expected

    @property
    def least(self) -> float:
        """`low` as a person reads it: of what is not negative, nothing negative is expected."""
        return max(self.low, 0.0) if self.observed >= 0 and self.expected >= 0 else self.low


class Alert(Value):
    """One alert as Alertmanager sends it."""

    fingerprint: str
    name: str
    service: str
    environment: str = "default"
    labels: dict[str, str] = Field(default_factory=dict)
    # Written by others: data, never instructions.
    annotations: dict[str, str] = Field(default_factory=dict)
    began: datetime
    ended: datetime | None = None
    link: str = ""


class Symptom(Value):
    """A query that raised the incident, and the band in which it counts as healthy."""

    signal: str
    kind: SignalKind
    service: str
    labels: dict[str, str] = Field(default_factory=dict)
    query: str
    low: float | None = None
    high: float | None = None
    observed: float | None = None
    began: datetime
    direction: Literal["up", "down", "missing"] = "up"
    felt: bool = True  # users feel it, so a repair is proved by it


def data_nodes(labels: Mapping[str, str]) -> tuple[str, ...]:
    """The dataset and the pipeline step that a series' labels name, beside its service."""
    return tuple(name for label in ("dataset", "step") if (name := labels.get(label)))
