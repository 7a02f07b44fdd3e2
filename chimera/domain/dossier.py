"""What an investigation looked at, kept beside the incident: to be shown, and to be compared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from chimera.domain.base import Value
from chimera.domain.findings import Change, FaultKind


class Exhibit(Value):
    """One series around the onset: the cause's, or the symptom's.

    `values` are `step` seconds apart, the first at `start`; None where a sample is missing.
    """

    role: Literal["cause", "symptom"]
    signal: str
    service: str
    labels: dict[str, str] = Field(default_factory=dict)
    query: str = ""
    link: str = ""
    start: datetime
    step: float
    values: tuple[float | None, ...]
    limit: float | None = None


class LogCount(Value):
    """How often one kind of message came, before and since the onset."""

    service: str
    level: str = ""
    template: str  # redacted; written by others
    before: int
    since: int


class Suspected(Value):
    """A cause that was named, and the repair that goes with it."""

    target: str
    kind: FaultKind
    cause: str = ""
    runbook: str = ""

    @property
    def key(self) -> tuple[str, FaultKind]:
        """What a memory and a person's veto speak of."""
        return self.target, self.kind


class Dossier(Value):
    """The newest look at an incident that named a cause, and how it showed at the first one.

    `signs` is the incident's likeness in numbers: "node kind direction" to severity, 0 to 1.
    """

    incident: str
    at: datetime
    onset: datetime
    exhibits: tuple[Exhibit, ...] = ()
    logs: tuple[LogCount, ...] = ()
    changes: tuple[Change, ...] = ()
    signs: dict[str, float] = Field(default_factory=dict)
    templates: tuple[str, ...] = ()  # of logs that came up: "service: template"
    suspected: tuple[Suspected, ...] = ()

    def after(self, known: Dossier | None) -> Dossier:
        """This look, with the likeness of the first one and the causes of all."""
        if known is None:
            return self
        return self.model_copy(
            update={
                "signs": known.signs or self.signs,
                "templates": known.templates or self.templates,
                "suspected": unique((*known.suspected, *self.suspected)),
            }
        )


def unique(suspected: Iterable[Suspected]) -> tuple[Suspected, ...]:
    """Each once, the last word on it counting."""
    found = {(one.target, one.kind, one.runbook): one for one in suspected}
    return tuple(found.values())
