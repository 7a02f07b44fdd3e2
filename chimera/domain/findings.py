"""What was found out: evidence, changes, findings."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from chimera.domain.base import Value


class FaultKind(StrEnum):
    """What kind of thing went wrong; a runbook's card says which of these it mends."""

    RELEASE = "release"
    CONFIGURATION = "configuration"
    POOL = "pool"
    MEMORY = "memory"
    CPU = "cpu"
    DISK = "disk"
    CREDENTIAL = "credential"
    SATURATION = "saturation"  # more work than the replicas can do
    TRAFFIC = "traffic"  # more work, and it is being done
    POISON = "poison"  # one record stops a pipeline
    SCHEMA = "schema"  # a producer changed a dataset's columns
    DATA = "data"
    STUCK = "stuck"  # alive, answers nothing
    DOWN = "down"  # not there
    DEPENDENCY = "dependency"  # outside the estate
    UNKNOWN = "unknown"


class Evidence(Value):
    """What a tool saw, and where to look at it again. Only tools make it; models cite its id."""

    id: str
    tool: str
    claim: str  # one sentence a person reads
    query: str
    began: datetime | None = None
    ended: datetime | None = None
    excerpt: str = ""  # capped by the tool
    link: str = ""
    untrusted: bool = False  # an attacker could have written it: logs, annotations, chat
    partial: bool = False  # the source said that data are missing


class Change(Value):
    """Something that was changed on purpose, as observed."""

    at: datetime
    service: str
    kind: Literal["release", "configuration", "schema", "scale", "schedule", "other"]
    what: str  # the component, the key or the dataset
    before: str = ""
    after: str = ""


class Finding(Value):
    """One cause with its evidence; no cause means that nobody knows yet."""

    cause: str | None = None  # one sentence
    target: str | None = None  # the service or dataset to blame
    kind: FaultKind = FaultKind.UNKNOWN
    confidence: float = 0.0  # 0 to 1
    evidence: tuple[Evidence, ...] = ()
    counter: tuple[Evidence, ...] = ()  # what speaks against it
    runbook: str | None = None
    parameters: dict[str, str] = Field(default_factory=dict)
    reach: tuple[str, ...] = ()  # the target and every node that its trouble may reach
    elsewhere: tuple[str, ...] = ()  # nodes whose trouble another finding explains

    @model_validator(mode="after")
    def cites_evidence(self) -> Self:
        if self.cause and not self.evidence:
            raise ValueError(f"cause {self.cause!r} cites no evidence")
        return self


class Diagnosis(Value):
    """The investigator's answer: findings, best first; empty means not enough evidence."""

    findings: tuple[Finding, ...] = ()
    summary: str  # what a person reads first
    next_looks: tuple[str, ...] = ()  # what would settle it, when nothing is certain
    affected: tuple[str, ...] = ()  # services and datasets downstream of the cause
    owner: str = ""
    steps: int = 0
    partial: bool = False  # some data could not be read

    @property
    def best(self) -> Finding | None:
        return self.findings[0] if self.findings else None
