"""What is watched, and which metrics tell of changes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, model_validator

from chimera.domain import Signal
from chimera.platform.settings.section import Section


class InfoMetric(Section):
    """A metric whose label tells what is deployed: when the label changes, something was changed."""

    metric: str
    label: str
    kind: Literal["release", "configuration", "schema", "scale", "schedule", "other"] = "release"
    key_label: str | None = None
    service_label: str | None = None  # `Settings.service_label` if not given


class Watched(Signal):
    """A row of `[[watch]]`. Payloads forgive unknown fields; a file that a person writes does not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def a_signal_is_a_row(cls, value: Any) -> Any:
        return value.model_dump() if isinstance(value, Signal) else value
