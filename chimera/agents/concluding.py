"""From a verdict to the findings of a diagnosis: in order, told apart, with what the past says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chimera.agents.base import Investigation, Means
from chimera.agents.findings import finding_of, focus
from chimera.agents.memory import cited
from chimera.diagnosis.case import Suspect, Verdict
from chimera.diagnosis.likeness import Key, lean
from chimera.diagnosis.spheres import together
from chimera.domain import Estate, Finding, Incident, Recalled, RunbookCard

TIE = 0.05  # confidences so near each other are one
NO_RUNBOOK = 99
HEARD = 0.25  # what the past says of a cause must weigh so much to be heard


def found(
    verdict: Verdict, recalled: Sequence[Recalled], run: Investigation, means: Means
) -> tuple[Finding, ...]:
    """A finding for each suspect that evidence speaks for; those that are causes beside the first
    say so."""
    pairs = [
        (finding, suspect)
        for suspect in verdict.suspects
        if (finding := finding_of(suspect, run, means, verdict.suspects))
    ]
    suspect_of: dict[int, Suspect] = {id(finding): suspect for finding, suspect in pairs}
    past = lean(recalled)
    ordered = in_order((finding for finding, _ in pairs), past)
    turns = [id(finding) for finding in in_order(ordered, past, means.cards)]
    causes = together(suspect_of[id(finding)] for finding in ordered)
    told = tuple(
        finding.model_copy(
            update={
                "also": at > 0 and any(suspect_of[id(finding)] is cause for cause in causes),
                "turn": turns.index(id(finding)),
                "way": way(means.estate, finding.target or "", run["task"].incident),
            }
        )
        for at, finding in enumerate(ordered)
    )
    return cited(told, recalled, run)


def in_order(
    findings: Iterable[Finding], past: Mapping[Key, float], cards: Sequence[RunbookCard] = ()
) -> tuple[Finding, ...]:
    """Most confident first. Of those that are as good as equal, what the past speaks for comes
    before what it is silent on or speaks against; then, where `cards` are given, the least
    invasive repair: so they are tried, and not so named.

    The past settles near ties, and never outvotes what was measured.
    """
    invasive = {card.name: card.invasiveness for card in cards}

    def rank(finding: Finding) -> tuple[float, int]:
        weight = past.get((finding.target or "", finding.kind), 0.0)
        heard = weight if abs(weight) >= HEARD else 0.0
        return -heard, invasive.get(finding.runbook or "", NO_RUNBOOK) if cards else 0

    waiting = sorted(findings, key=lambda f: -f.confidence)
    ordered: list[Finding] = []
    while waiting:
        tied = [f for f in waiting if waiting[0].confidence - f.confidence <= TIE]
        waiting = waiting[len(tied) :]
        ordered += sorted(tied, key=rank)
    return tuple(ordered)


def way(estate: Estate, target: str, incident: Incident) -> tuple[str, ...]:
    """How the trouble came from its cause to where it was first seen; () where that is not known."""
    for symptom in sorted(incident.symptoms, key=lambda s: s.began):
        for label in ("dataset", "step"):
            if found := estate.way(target, symptom.labels.get(label, "")):
                return found
        if found := estate.way(target, symptom.service):
            return found
    return next((w for name in focus(incident, estate) if (w := estate.way(target, name))), ())
