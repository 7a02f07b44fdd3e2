"""The record of one run: an investigation of an incident, or a turn of a conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from chimera.domain.base import Value


class Called(Value):
    """One call of a tool: what was asked, and the digest of what came back."""

    tool: str
    arguments: dict[str, str] = Field(default_factory=dict)
    by: Literal["rules", "model"] = "rules"
    plan: int = 0  # which of the run's plans asked for it
    answer: str = ""  # SHA-256 of the evidence that it gave
    evidence: tuple[str, ...] = ()  # ids
    trouble: str = ""  # why it could not answer


class Took(Value):
    """What a model took in a run."""

    model: str = ""
    prompt: str = ""  # the version of what it was told
    requests: int = 0
    tokens: int = 0
    money: float = 0.0


class RunRecord(Value):
    """Plan, re-plans, calls, what was made of their evidence, cost, decision.

    Who overrode the decision is not part of it: that comes later, and is in orders and vetoes.
    """

    id: str
    kind: Literal["investigation", "turn"]
    subject: str  # the incident, or the thread
    who: str = "chimera"  # on whose behalf
    asked: str = ""  # digest of the message of a turn
    began: datetime
    ended: datetime
    plans: tuple[tuple[str, ...], ...] = ()  # tools that each plan asked for; the second re-plans
    calls: tuple[Called, ...] = ()
    used: tuple[str, ...] = ()  # evidence that the answer cites
    took: Took = Field(default_factory=Took)
    decision: str = ""  # what the answer comes to, in one line
    order: str = ""  # the order that was placed in the turn
    partial: bool = False

    @property
    def ignored(self) -> tuple[str, ...]:
        """Evidence that was seen and is not cited."""
        seen = dict.fromkeys(name for call in self.calls for name in call.evidence)
        return tuple(name for name in seen if name not in self.used)
