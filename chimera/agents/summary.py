"""A diagnosis in a few sentences: what a person reads first."""

from __future__ import annotations

from collections.abc import Sequence

from chimera.agents.base import Investigation
from chimera.domain import Finding

NUMBERS = {2: "Two", 3: "Three", 4: "Four"}


def summary(findings: Sequence[Finding], like: Sequence[str], run: Investigation) -> str:
    """The causes, what else may be, whose hands it needs, how it travelled, and what it is like."""
    causes = [f for at, f in enumerate(findings) if at == 0 or f.also]
    rivals = [f for at, f in enumerate(findings) if at and not f.also]
    lines = [stated(causes)]
    if rivals:
        rest = "; ".join(f"{f.cause} ({f.confidence:.0%})" for f in rivals[:2])
        lines.append(f"Also possible: {rest}.")
    first = min(findings, key=lambda finding: finding.turn)
    if first is not findings[0]:
        lines.append(f"{first.runbook} on {first.target} is tried first: it is less invasive.")
    if any(cause.runbook is None for cause in causes):
        lines.append("No runbook is allowed for it here: a person has to look.")
    if len(way := causes[0].way) > 2:
        lines.append(f"It came to {way[-1]} by way of {', '.join(way[1:-1])}.")
    if like:
        lines.append(f"This is {like[0]}.")
    elif past := compared(run):
        lines.append(f"Compare {past}.")
    return " ".join(lines)


def stated(causes: Sequence[Finding]) -> str:
    """One cause, or several that are needed to explain everything."""
    if len(causes) == 1:
        return f"{causes[0].cause}. Confidence {causes[0].confidence:.0%}."
    each = "; ".join(
        f"({at}) {cause.cause}, confidence {cause.confidence:.0%}"
        for at, cause in enumerate(causes, 1)
    )
    return f"{NUMBERS.get(len(causes), str(len(causes)))} causes at once: {each}."


def compared(run: Investigation) -> str:
    """The newest incident of a suspect's service, if one is on record."""
    pieces = [
        piece.claim
        for call, look in run.get("seen", {}).values()
        if call.tool == "past_incidents" and call.arguments.get("service")
        for piece in look.evidence
    ]
    return pieces[0] if pieces else ""
