"""What was found out: evidence, changes, findings."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from chimera.domain.base import Value
from chimera.domain.blast import Hit


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
    DATA = "data"  # a batch that is thin, hollow or wrong
    LATE = "late"  # records that came after their time had been closed
    DUPLICATES = "duplicates"  # the same records more than once
    DRIFT = "drift"  # a model that the population has moved away from
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
    way: tuple[str, ...] = ()  # from the target to where it was first seen, both included
    also: bool = False  # a further cause beside the first, not another guess at it
    turn: int = 0  # when its repair is tried: of causes as good as equal, the least invasive first

    @model_validator(mode="after")
    def cites_evidence(self) -> Self:
        if self.cause and not self.evidence:
            raise ValueError(f"cause {self.cause!r} cites no evidence")
        return self


class Opinion(Value):
    """What a model thinks, beside the ranking and without a say in it."""

    model: str  # the version that its server names
    prompt: str  # the version of what it was told
    cause: str
    target: str = ""
    kind: FaultKind = FaultKind.UNKNOWN
    agrees: bool = False  # the ranking names the same place first
    tested: str = ""  # what the statistics say of it
    evidence: tuple[Evidence, ...] = ()  # what it cites, as tools made it


class Diagnosis(Value):
    """The investigator's answer: findings, best first; empty means not enough evidence."""

    findings: tuple[Finding, ...] = ()
    summary: str  # what a person reads first
    next_looks: tuple[str, ...] = ()  # what would settle it, when nothing is certain
    affected: tuple[str, ...] = ()  # services and datasets downstream of the causes
    blast: tuple[Hit, ...] = ()  # the same, with when and whose; what is hit first comes first
    like: tuple[str, ...] = ()  # resolved incidents that were like this: "like INC-12, which ..."
    owner: str = ""
    steps: int = 0
    partial: bool = False  # some data could not be read
    opinions: tuple[Opinion, ...] = ()  # of a model, where one was asked

    @property
    def best(self) -> Finding | None:
        return self.findings[0] if self.findings else None

    @property
    def by_turn(self) -> tuple[Finding, ...]:
        """The findings in the order in which their repairs are tried."""
        return tuple(sorted(self.findings, key=lambda finding: finding.turn))

    @property
    def causes(self) -> tuple[Finding, ...]:
        """The first finding, and those that are causes of their own beside it."""
        return self.findings[:1] + tuple(f for f in self.findings[1:] if f.also)

    @property
    def rivals(self) -> tuple[Finding, ...]:
        """Other guesses at what the causes explain."""
        return tuple(f for f in self.findings[1:] if not f.also)

    @property
    def products(self) -> tuple[Hit, ...]:
        """The data products that are hit, or will be."""
        return tuple(hit for hit in self.blast if hit.product)
