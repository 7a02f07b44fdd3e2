"""What the store returns beside the domain's own facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from chimera.domain import Approval, Decision, Order, Outcome, Plan
from chimera.domain.base import Value

OrderState = Literal["proposed", "waiting", "approved", "running", "done"]


class OrderRecord(Value):
    """An order with everything that became of it."""

    order: Order
    plan: Plan | None = None
    decision: Decision | None = None
    approval: Approval | None = None
    outcome: Outcome | None = None
    state: OrderState = "proposed"


class Pause(Value):
    """Nothing new is changed in an environment ("*": anywhere)."""

    environment: str
    by: str
    reason: str
    at: datetime


class Received(Value):
    """One row of the inbox."""

    id: int
    key: str
    kind: Literal["anomaly", "alert"]
    received: datetime
    body: dict[str, Any]


class Member(Value):
    """A signal, the incident it belongs to, and whether it is still active."""

    signal: str
    kind: Literal["anomaly", "alert"]
    incident: str | None
    service: str
    active: bool
    changed: datetime
    body: dict[str, Any]
    held: str | None = None  # why it opens no incident: a silence's id, a maintenance window


class Spent(Value):
    """What an environment's budget of changes has seen in the last hour."""

    changes: int
    rollbacks: int
