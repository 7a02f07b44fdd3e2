"""Service levels: what was promised to users, and how it is measured."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from chimera.domain.base import Value

SELECTOR = r"^[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})?$"
METRIC = r"^[a-zA-Z_:][a-zA-Z0-9_:]*$"


class RatioIndicator(Value):
    """Good events over all events; both count up.

    `good` and `total` are selectors of counters, for example `http_requests_total{code!~"5.."}`.
    """

    kind: Literal["ratio"] = "ratio"
    good: str = Field(pattern=SELECTOR)
    total: str = Field(pattern=SELECTOR)


class LatencyIndicator(Value):
    """Requests that took at most `threshold` seconds, which must be a bucket of the histogram."""

    kind: Literal["latency"] = "latency"
    histogram: str = Field(pattern=METRIC)  # base name, without `_bucket`
    where: str = ""  # PromQL matchers, without braces
    threshold: float = Field(gt=0)  # seconds


class FreshnessIndicator(Value):
    """The share of time in which a dataset was at most `threshold` seconds old."""

    kind: Literal["freshness"] = "freshness"
    metric: str = Field(pattern=METRIC)  # a gauge: age in seconds
    where: str = ""
    threshold: float = Field(gt=0)


Indicator = Annotated[
    RatioIndicator | LatencyIndicator | FreshnessIndicator, Field(discriminator="kind")
]


class Objective(Value):
    """One service level of a service or a data product: `objective` of the events are good,
    counted over `window` seconds."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    node: str  # a service or a dataset of the estate
    objective: float = Field(gt=0, lt=1)  # 0.999: one event in a thousand may be bad
    window: float = Field(30 * 86400.0, ge=60)  # seconds
    indicator: Indicator
    owner: str = ""  # the node's if not given
    description: str = ""
    page: bool = True  # a fast burn wakes somebody; otherwise it only opens a ticket

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return 1.0 - self.objective

    @field_validator("window", mode="before")
    @classmethod
    def _span(cls, value: object) -> object:
        return seconds(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_be_broken(self) -> Objective:
        if self.budget < 1e-7:
            raise ValueError("an objective of 1 leaves no budget; give less, for example 0.999")
        return self


UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}


def seconds(text: str) -> float:
    """`30d`, `4h`, `90m` as seconds. Raises ValueError for anything else."""
    number, unit = text.strip()[:-1], text.strip()[-1:]
    try:
        return float(number) * UNITS[unit]
    except (ValueError, KeyError):
        raise ValueError(f"{text!r} is no span of time; write it like 30d, 12h or 90m") from None
