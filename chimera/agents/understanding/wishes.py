"""What a person wants changed, and what only sounds like it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from chimera.agents.understanding.grammar import Kind


@dataclass(frozen=True)
class Wish:
    """What a person wants changed. `target` is a known name, or "" when it is to be looked up or
    asked; `pronoun` says that they spoke of "it". `sure` is False where a typo was mended, or what
    stands beside the command leaves a doubt: it is asked about first."""

    kind: Kind
    runbook: str = ""
    target: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    lasts: timedelta | None = None
    reason: str = ""
    subject: str = ""  # an incident, an order, a silence
    pronoun: bool = False
    sure: bool = True
    said: str = ""
    guessed: str = ""  # how a name was written that was taken for another


@dataclass(frozen=True)
class Doubt:
    """It sounds like a wish and cannot be taken as one; `why` is told to the person."""

    why: str
    said: str = ""
