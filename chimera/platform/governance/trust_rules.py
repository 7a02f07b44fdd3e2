"""When a step up or down the levels of trust is proposed: one rule, stated, with its counts."""

from __future__ import annotations

import math
from typing import Literal

from chimera.domain import Trust, Value
from chimera.domain.trust import LADDER, stepped

Z = 1.96  # 95 %
FEW = 20  # judgements, and before `act` repairs that ran, without which nothing is proposed upwards
GOOD = 0.8  # what the lower end of the interval must reach
DOUBTED = 5  # judgements from which a step down is proposed
RULE = (
    f"up one step: at least {FEW} judgements by people, of which the lower end of the 95 % Wilson "
    f"interval is {GOOD:.0%} or more, and nothing rolled back or failed; before act also {FEW} "
    f"repairs that ran, proved as often. Down one step: at least {DOUBTED} judgements (or repairs "
    f"that ran), of which the upper end is below {GOOD:.0%}"
)


class Share(Value):
    """So many of so many, with its interval; no interval without any."""

    hits: int
    of: int

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.hits, self.of) if self.of else None

    def __str__(self) -> str:
        if self.interval is None:
            return "-"
        low, high = self.interval
        return f"{self.hits} of {self.of} ({low:.0%} to {high:.0%})"


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The score interval of a proportion (Wilson, 1927)."""
    share, z2 = hits / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(middle - half, 0.0), min(middle + half, 1.0)


class Proposal(Value):
    """A step that a person may take in `policy.trust`; "stay" says what is missing."""

    step: Literal["up", "down", "stay"]
    to: Trust
    why: str


def propose(level: Trust, judged: Share, proved: Share, undone: int) -> Proposal:
    """What the rule says of a runbook at a level. `undone`: rolled back or failed."""
    if level is not LADDER[0]:
        for share, what in ((judged, "what people did was as proposed"), (proved, "was proved")):
            if share.interval and share.of >= DOUBTED and share.interval[1] < GOOD:
                to = stepped(level, -1)
                return Proposal(step="down", to=to, why=f"{what} in {share}")
    missing = list(wanting(level, judged, proved, undone))
    if level is LADDER[-1]:
        return Proposal(step="stay", to=level, why="it has all the trust there is")
    if missing:
        return Proposal(step="stay", to=level, why="; ".join(missing))
    return Proposal(
        step="up", to=stepped(level, 1), why=f"what people did was as proposed in {judged}"
    )


def wanting(level: Trust, judged: Share, proved: Share, undone: int) -> list[str]:
    """What is missing for a step up."""
    missing = []
    asked = [(judged, "judgements")]
    if level is Trust.ASK:
        asked.append((proved, "repairs that ran"))
    for share, what in asked:
        if share.of < FEW:
            missing.append(f"{share.of} of {FEW} {what}")
        elif share.interval and share.interval[0] < GOOD:
            missing.append(f"{what}: {share}, the lower end is below {GOOD:.0%}")
    if undone:
        missing.append(f"{undone} rolled back or failed")
    return missing
