"""What may be changed: runbook cards, orders, decisions, approvals, outcomes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from chimera.domain.base import Value
from chimera.domain.findings import FaultKind
from chimera.domain.signals import Symptom

MARKED = "@"  # between an order's id and what tells it from others of that id


class Risk(StrEnum):
    """How much can go wrong; what has no way back counts as one step higher."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Trust(StrEnum):
    """How far Chimera may go by itself, per environment and runbook."""

    OBSERVE = "observe"  # record what would have been done
    ADVISE = "advise"  # say what should be done
    ASK = "ask"  # do it after approval
    ACT = "act"  # do it


class RunbookCard(Value):
    """A runbook as agents and policies see it: data only."""

    name: str
    summary: str
    risk: Risk
    reversible: bool
    mends: tuple[FaultKind, ...]
    invasiveness: int = 5  # 0 touches nothing users feel, 9 the most; the least is tried first
    always_ask: bool = False
    # What it changes: the estate, or only who hears of it. The latter needs no node's leave, spends
    # no budget and is possible in a freeze.
    touches: Literal["estate", "alerts"] = "estate"
    parameters: dict[str, Any] = Field(default_factory=dict)  # JSON Schema

    def target_of(self, given: Mapping[str, str]) -> str:
        """What it changes is its first required parameter: a service, a step, a dataset."""
        required: list[str] = self.parameters.get("required", [])
        return given.get(required[0], "") if required else ""


class Order(Value):
    """A request to run one runbook once. `id` is `<incident>/<attempt>`."""

    id: str
    incident: str
    attempt: int
    runbook: str
    parameters: dict[str, str]  # raw; the runbook parses them strictly
    target: str
    environment: str = "default"
    reason: str
    requested_by: str  # a principal's id; "chimera" for its own
    requested_roles: tuple[str, ...] = ()  # that person's, when they asked
    evidence: tuple[str, ...] = ()  # ids
    trusted_grounds: bool = True  # False: only text that an attacker can write speaks for it
    symptoms: tuple[Symptom, ...] = ()  # what verify asks
    created: datetime
    expires: datetime
    signature: str = ""

    def signed_content(self) -> bytes:
        """What the signature covers: all of it but the signature."""
        content = self.model_dump(mode="json", exclude={"signature"})
        if not self.requested_roles:
            del content["requested_roles"]  # orders under way were signed before there was this
        return canonical(content)

    @property
    def mark(self) -> str:
        """What an actuator knows this very order by: the idempotency key of its effect.

        Another store, or this one after it was restored, may have another order of the same id.
        """
        return f"{self.id}{MARKED}{hashlib.sha256(self.signed_content()).hexdigest()[:12]}"


class Plan(Value):
    """What exactly would be done; an approval is bound to its hash."""

    order_id: str
    runbook: str
    target: str
    environment: str
    parameters: dict[str, Any]  # as the runbook parsed them
    risk: Risk
    reversible: bool
    does: str  # in one sentence
    undo: str  # the way back, or why there is none
    blast_radius: tuple[str, ...] = ()  # who else feels it
    proof: tuple[str, ...] = ()  # the queries that must be healthy after

    @property
    def hash(self) -> str:
        return hashlib.sha256(canonical(self.model_dump(mode="json"))).hexdigest()


class Decision(Value):
    """What policy says about an order."""

    verdict: Literal["act", "ask", "advise", "observe", "deny"]
    reason: str
    level: Trust
    policies: tuple[str, ...] = ()  # the ids of the Cedar policies that decided
    approvers: tuple[str, ...] = ()  # roles that may approve
    expires_seconds: float = 1800.0


class Approval(Value):
    """What a person says about an order, signed by Chimera's sign-in and bound to a plan."""

    order_id: str
    approver: str
    roles: tuple[str, ...] = ()
    granted: bool
    note: str = ""
    plan_hash: str
    at: datetime
    expires: datetime
    via: str = "api"
    signature: str = ""

    def signed_content(self) -> bytes:
        return canonical(self.model_dump(mode="json", exclude={"signature"}))


def canonical(value: Any) -> bytes:
    """Bytes that are the same for the same content, for signatures and hashes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
