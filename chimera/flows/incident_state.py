"""What an incident's workflow knows: one object that its rooms share, and that outlives its runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, Field
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from chimera.domain import Diagnosis, Finding, Incident, IncidentUpdate, Phase, Severity
    from chimera.domain.base import Value
    from chimera.flows.pace import Pace


class Closing(Value):
    """A person's word that it is over, and since when; what begins later is another trouble."""

    by: str
    note: str = ""
    at: datetime | None = None


class Handing(Value):
    """A person's word that it is somebody's from here on: theirs, or another's."""

    by: str
    to: str
    note: str = ""

    def __str__(self) -> str:
        given = "taken over by" if self.by == self.to else f"handed by {self.by} to"
        return f"{given} {self.to}" + (f": {self.note}" if self.note else "")


class IncidentState(BaseModel):
    """What starts an incident's workflow, and all that it learns on its way.

    The workflow begins with `incident` and `pace`, changes this object as it goes, and hands it to
    itself when it continues as new.
    """

    incident: Incident  # as the grouper told it last
    pace: Pace = Pace()
    continued: bool = False  # this run goes on where the one before it stopped
    first_life: bool = True  # False: a workflow before this one was lost
    phase: Phase = Phase.OPEN

    # What comes in
    quiet: bool = False
    quiet_since: datetime | None = None
    showing: tuple[str, ...] | None = None  # nodes with a symptom that is still active
    hurting: tuple[str, ...] = ()  # those where users feel it
    flaps: int = 0
    worse: bool = False  # since somebody last looked
    news: int = 0  # counts what came in, so that waits can see it
    closing: Closing | None = None
    handing: Handing | None = None  # until it is done

    # What was found and done
    diagnosis: Diagnosis | None = None
    last_cause: str | None = None
    looks: int = 0
    attempts: int = 0
    orders: list[str] = Field(default_factory=list)
    tried: list[tuple[str, str]] = Field(default_factory=list)  # (runbook, target) that ran
    unfit: list[tuple[str, str]] = Field(default_factory=list)  # those that could not run at all
    refusals: int = 0
    elsewhere: tuple[str, ...] = ()  # nodes that the newest order does not mend
    repaired_by: str | None = None

    # What people were told
    lines: int = 0
    notices: int = 0
    paged: bool = False
    paged_blind: bool = False
    said_blind: bool = False

    def begin(self) -> None:
        """A workflow's first moment. What is on record already tells of a life before this one."""
        self.phase = self.incident.phase
        self.first_life = self.incident.phase is Phase.OPEN
        self.orders = list(self.incident.orders)
        self.attempts = len(self.orders)

    def hear(self, update: IncidentUpdate) -> None:
        """Take in the grouper's summary."""
        before, now = self.incident, update.incident
        paging = now.severity is Severity.PAGE and before.severity is not Severity.PAGE
        elsewhere = {s.service for s in now.symptoms if s.felt} - set(before.services)
        self.worse = self.worse or paging or bool(elsewhere)
        self.incident = now
        if update.quiet and not self.quiet:
            self.quiet_since = workflow.now()
        self.quiet = update.quiet
        self.showing, self.hurting = update.showing, update.hurting
        self.flaps = update.flaps
        self.news += 1

    def worth(self, finding: Finding) -> bool:
        """Whether to act on it: once a repair was proved, only for what is still abnormal."""
        if self.repaired_by is None or self.showing is None or not finding.reach:
            return True
        return not set(self.showing).isdisjoint(finding.reach)

    @property
    def left(self) -> bool:
        """Whether users still feel what the newest order was not meant to mend."""
        if self.showing is None:
            return bool(self.elsewhere)
        return not set(self.hurting).isdisjoint(self.elsewhere)

    @property
    def over(self) -> bool:
        """Whether a person said so."""
        return self.closing is not None

    def calm(self) -> bool:
        """Quiet for as long as it takes to be sure."""
        if not self.quiet or self.quiet_since is None:
            return False
        return workflow.now() - self.quiet_since >= self.pace.intervals(self.pace.quiet)

    async def wait(self, intervals: float, until: Callable[[], bool]) -> None:
        """Until something is so, and no longer than that many scrape intervals."""
        try:
            await workflow.wait_condition(until, timeout=self.pace.intervals(intervals))
        except TimeoutError:
            return
