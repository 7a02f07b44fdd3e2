"""What was seen of one case: its incidents, their orders, and what was changed and suffered."""

from __future__ import annotations

from pydantic import Field

from chimera.bench.ground.controller import LedgerRow
from chimera.bench.trial.struck import Claim, Struck
from chimera.domain import FaultKind
from chimera.domain.base import Value


class Named(Value):
    """The cause that an incident names first."""

    target: str | None = None
    kind: FaultKind = FaultKind.UNKNOWN
    confidence: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} of {self.target}" if self.target else "nothing"


class SeenOrder(Value):
    """An order and how it ended; without a status it had not ended at the case's end."""

    id: str
    incident: str
    runbook: str
    target: str
    status: str = "running"
    reason: str = ""


class SeenIncident(Value):
    """What was seen of one incident."""

    id: str
    opened: float  # Unix seconds
    services: tuple[str, ...]
    phase: str
    said: str = ""  # the diagnosis in its own words
    named: Named = Named()
    blast: tuple[Claim, ...] = ()  # at the same moment as `named`
    then: tuple[Named, ...] = ()  # named first at each order that followed a proved repair
    orders: tuple[SeenOrder, ...] = ()


class Sight(Value):
    """Everything that was seen of one case. Times are Unix seconds."""

    injected: float
    ended: float
    incidents: tuple[SeenIncident, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()  # what was done meanwhile
    differences: tuple[str, ...] = ()  # targets that are not as on a good day, fault cleared
    users_hit: float | None = None
    struck: Struck | None = None  # None: not measured
    written: dict[str, str] = Field(default_factory=dict)  # dataset -> the step that writes it
    shaky: bool = False  # the estate was not calm when the case began
