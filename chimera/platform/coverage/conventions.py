"""What metric names say by convention: the rows of `conventions.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from chimera.domain import SignalKind

Type = Literal["counter", "gauge", "histogram", "summary"]


class Convention(BaseModel):
    """A pattern of metric names, and what is watched where it is found.

    `services` are labels that name the service before the usual ones do. With `fails`, the label
    that tells a failed request is looked for, and without one the row is not proposed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: SignalKind
    metric: str
    why: str
    types: tuple[Type, ...] = ("gauge",)
    read: Literal["gauge", "rate", "ratio", "mean", "quantile", "expiry"] = "gauge"
    per: tuple[str, ...] = ()  # the first that is there
    where: str = ""
    per_where: str = ""
    fails: bool = False
    services: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    combine: Literal["sum", "max", "mean"] = "sum"
    bad: Literal["up", "down", "both"] = "up"
    floor: float | None = None  # None: taken from the data
    limit: float | None = None
    horizon: float = 300.0  # seconds ahead in which reaching `limit` is worth a warning
    symptom: bool = False
    rank: int = 5  # the lower goes first when there is not room for all
    share: float = 0.25  # of the usual level, as floor
    generic: bool = False  # knows the name's end alone


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "conventions.toml").read_text())


@cache
def conventions() -> tuple[Convention, ...]:
    """Every convention, those that know more first."""
    data = _file()
    rows: list[Convention] = []
    for section in ("red", "use", "exporters", "generic"):
        for row in data[section]:
            metric = row["metric"]
            for word, pattern in data["patterns"].items():
                metric = metric.replace("{" + word + "}", pattern)
            rows.append(Convention(**{**row, "metric": metric}, generic=section == "generic"))
    return tuple(rows)


@cache
def itself() -> tuple[str, ...]:
    """Prefixes of metrics that tell of the monitoring and the platform's own machinery."""
    return tuple(_file()["itself"]["prefixes"])
