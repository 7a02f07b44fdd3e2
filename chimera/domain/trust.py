"""Trust that went down by itself, after a rollback or a veto, until a person restores it."""

from __future__ import annotations

from datetime import datetime

from chimera.domain.base import Value
from chimera.domain.orders import Trust

LADDER = (Trust.OBSERVE, Trust.ADVISE, Trust.ASK, Trust.ACT)  # the least first


def lower(level: Trust, other: Trust | None) -> Trust:
    """The lesser of two levels."""
    return level if other is None else min(level, other, key=LADDER.index)


def stepped(level: Trust, by: int) -> Trust:
    """The level some steps up (or, below 0, down), as far as the ladder goes."""
    return LADDER[min(max(LADDER.index(level) + by, 0), len(LADDER) - 1)]


class StepDown(Value):
    """The most that a runbook is trusted with in an environment, whatever the settings say.

    `causes` are what stepped it down, each once: an order's id, or `veto/<incident>/<person>`.
    """

    environment: str
    runbook: str
    level: Trust
    causes: tuple[str, ...]
    why: str  # of the newest, for people
    at: datetime

    def __str__(self) -> str:
        return (
            f"trust in {self.runbook} in {self.environment} went down to {self.level.value}: "
            f"{self.why}; `chimera trust restore {self.runbook} --environment "
            f"{self.environment}` lifts it"
        )
