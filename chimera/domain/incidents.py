"""An incident and its life."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field, computed_field, model_validator

from chimera.domain.alerting import Priority
from chimera.domain.base import Value
from chimera.domain.findings import Diagnosis
from chimera.domain.signals import Symptom


class Severity(StrEnum):
    PAGE = "page"
    TICKET = "ticket"


class Phase(StrEnum):
    """Where an incident is; the order is the usual way through."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    WAITING = "waiting"  # for an approval or a person
    REPAIRING = "repairing"
    WATCHING = "watching"  # repaired; is it still so?
    HANDED_OVER = "handed_over"  # a person has it
    RESOLVED = "resolved"


class Incident(Value):
    """One trouble, however many signals tell of it. `id` is `INC-<number>`."""

    id: str
    environment: str = "default"
    title: str
    service: str  # where it was first seen
    services: tuple[str, ...] = ()  # everything that shows symptoms
    severity: Severity = Severity.TICKET  # decides who is woken
    priority: Priority | None = None  # by impact: what is worked on first
    impact: str = ""  # why it has that priority, in one sentence
    leading: str = ""  # the signal that gave it its title
    marks: tuple[str, ...] = ()  # what holds for it just now: silenced, flapping, a change freeze
    phase: Phase = Phase.OPEN
    began: datetime  # first symptom
    opened: datetime
    resolved: datetime | None = None
    symptoms: tuple[Symptom, ...] = ()
    signals: int = 0  # anomalies and alerts that it absorbed
    diagnosis: Diagnosis | None = None
    orders: tuple[str, ...] = ()
    ticket: str | None = None  # the ServiceNow number
    threads: dict[str, str] = Field(default_factory=dict)  # the chat threads' links, by channel
    acknowledged_by: str | None = None
    close_code: str | None = None
    merged_into: str = ""  # the incident that has its signals now
    split_from: str = ""
    no_data: bool = False  # what it was raised on cannot be read just now

    @computed_field  # type: ignore[prop-decorator]
    @property
    def thread(self) -> str | None:
        """The link of one of them, where there is room for one."""
        return next(iter(self.threads.values()), None)

    @model_validator(mode="before")
    @classmethod
    def _one_thread(cls, given: Any) -> Any:
        """What an earlier release kept: one link, without its channel."""
        if isinstance(given, dict) and given.get("thread") and "threads" not in given:
            return {**given, "threads": {"chat": given["thread"]}}
        return given


class IncidentUpdate(Value):
    """What the grouper tells an incident's workflow: a summary, never the signals themselves."""

    incident: Incident
    quiet: bool = False  # no symptom is active any more
    showing: tuple[str, ...] | None = None  # nodes that show one still; None if that is not told
    hurting: tuple[str, ...] = ()  # those of them where users feel it
    flaps: int = 0  # how often one of its signals came back: quiet must last longer
    at: datetime


class Event(Value):
    """One line of an incident's timeline. `key` makes a second writing of it harmless."""

    incident: str
    key: str
    at: datetime
    phase: Phase
    text: str
    actor: str = "chimera"
    data: dict[str, str] = Field(default_factory=dict)
