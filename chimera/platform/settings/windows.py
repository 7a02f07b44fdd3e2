"""Planned stretches of time: change freezes and maintenance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, ConfigDict, field_validator, model_validator

from chimera.domain import Planned
from chimera.domain.alerting import hours
from chimera.platform.settings.section import Section


def with_offset(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(
            f"{value.isoformat()} has no offset from UTC; add one, like {value.isoformat()}Z"
        )
    return value


class Freeze(Section):
    """A stretch of time in which nothing is changed."""

    environment: str = "*"
    begins: AwareDatetime
    ends: AwareDatetime
    reason: str = "change freeze"

    _offset = field_validator("begins", "ends", mode="before")(with_offset)

    @model_validator(mode="after")
    def _lasts(self) -> Freeze:
        if self.ends <= self.begins:
            raise ValueError("it ends before it begins, and so would freeze nothing")
        return self


class Maintenance(Planned):
    """A row of `[[maintenance]]`: a stretch of time, or weekly hours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: AwareDatetime | None = None
    ends: AwareDatetime | None = None

    _offset = field_validator("begins", "ends", mode="before")(with_offset)

    @field_validator("weekly")
    @classmethod
    def _readable(cls, weekly: tuple[str, ...]) -> tuple[str, ...]:
        for text in weekly:
            hours(text, datetime.now(UTC))
        return weekly

    @model_validator(mode="after")
    def _some_time(self) -> Maintenance:
        if (self.begins is None) != (self.ends is None):
            raise ValueError("begins and ends belong together; give both, or weekly hours")
        if self.begins is None and not self.weekly:
            raise ValueError("it says no time; give begins and ends, or weekly hours")
        if self.begins and self.ends and self.ends <= self.begins:
            raise ValueError("it ends before it begins")
        return self
