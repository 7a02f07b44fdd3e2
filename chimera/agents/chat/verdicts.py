"""Yes, no, perhaps or unknown: a diagnosis held against what somebody supposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chimera.agents.chat.suspects import Suspect
from chimera.domain import Finding, Incident, Severity

RANK = {"Yes": 0, "Perhaps": 1}  # what settles it


@dataclass(frozen=True)
class Verdict:
    """A word, the sentence behind it, and the finding that it stands on."""

    word: str
    text: str
    finding: Finding | None = None


def judged(one: Incident, suspect: Suspect) -> Verdict:
    """What the diagnosis of an incident says of the suspect."""
    about = f"{one.id} ({one.title}{', resolved by now' if one.resolved else ''})"
    causes = [f for f in (one.diagnosis.causes if one.diagnosis else ()) if f.cause]
    if not causes:
        why = (
            one.diagnosis.summary.strip().rstrip(".") if one.diagnosis else "it is still looked at"
        )
        nexts = one.diagnosis.next_looks if one.diagnosis else ()
        more = f" To settle it: {'; '.join(nexts[:3])}." if nexts else ""
        return Verdict("I do not know", f"no cause of {about} is named: {why}.{more}")
    if fit := next((f for f in causes if suspect.fits(f)), None):
        return Verdict("Yes", f"that is the cause of {about}: {stated(fit)}.", fit)
    first = causes[0]
    rivals = one.diagnosis.rivals if one.diagnosis else ()
    if rival := next((f for f in rivals if f.cause and suspect.fits(f)), None):
        text = (
            f"it is possible, {stated(rival)}, but a likelier cause of {about} is: {stated(first)}."
        )
        return Verdict("Perhaps", text, rival)
    told = " and ".join(stated(f) for f in causes[:2])
    if same := next((f for f in causes if suspect.node and f.target == suspect.node), None):
        what = f"{suspect.node} is to blame for {about}, but not by a {kind_of(suspect)}"
        return Verdict("No", f"{what}: {told}.", same)
    return Verdict("No", f"the cause of {about} is another one: {told}.", first)


def of_several(verdicts: Sequence[Verdict]) -> str:
    """One answer of the verdicts on several incidents: what was confirmed, or the gravest first."""
    first = min(verdicts, key=lambda one: RANK.get(one.word, len(RANK)))
    others = [] if first.word in RANK else [one for one in verdicts if one is not first]
    rest = "".join(f" {one.text[0].upper()}{one.text[1:]}" for one in others)
    return f"{first.word}: {first.text}{rest}"


def stated(finding: Finding) -> str:
    return f"{(finding.cause or '').rstrip('.')} ({finding.confidence:.0%})"


def kind_of(suspect: Suspect) -> str:
    """The kind of change or fault that was meant."""
    spoken = sorted(suspect.changes - {"other"}) or sorted(kind.value for kind in suspect.kinds)
    return " or ".join(spoken) or suspect.deed.replace("_", " ") or "change"


def gravest(incidents: Sequence[Incident]) -> list[Incident]:
    """By severity and priority, the newest of equals first."""
    return sorted(
        incidents,
        key=lambda one: (
            one.severity is not Severity.PAGE,
            one.priority.value if one.priority else "P9",
        ),
    )
