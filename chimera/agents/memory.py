"""What the past says about an investigation: near ties are put in its order, and it is cited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chimera.agents.base import Call, Investigation, Means
from chimera.agents.dossier import templates
from chimera.agents.findings import case_of, looks
from chimera.diagnosis.likeness import signs
from chimera.diagnosis.nodes import views
from chimera.domain import Evidence, Finding, Recalled

TOLD = 3


def asked(run: Investigation, means: Means) -> Call:
    """The look for incidents like this one, told by what it shows."""
    case = case_of(run, means)
    incident = run["task"].incident
    return Call(
        "like_incidents",
        {
            "until": run["task"].now.isoformat(),
            "signs": signs(means.estate, views(case)),
            "templates": templates(case),
            "besides": incident.id,
            "opened": incident.opened.isoformat(),
        },
    )


def past(run: Investigation) -> tuple[Recalled, ...]:
    """The resolved incidents that were like this one, those that weigh most first."""
    return tuple(one for look in looks(run, "like_incidents") for one in look.data or ())


def told(recalled: Iterable[Recalled]) -> tuple[str, ...]:
    """What people read of them: those that something was proved or said of."""
    worth = [str(one) for one in recalled if one.stands or one.vetoes]
    return tuple(worth[:TOLD])


def cited(
    findings: Sequence[Finding], recalled: Sequence[Recalled], run: Investigation
) -> tuple[Finding, ...]:
    """The findings, each with what the past says for it as evidence, and against it as counter."""
    pieces = {e.query: e for look in looks(run, "like_incidents") for e in look.evidence}
    found = []
    for finding in findings:
        key = (finding.target or "", finding.kind)
        speaks = [r for r in recalled if key in {cause.key for cause in r.stands}]
        refutes = [r for r in recalled if key in {veto.key for veto in r.vetoes}]
        found.append(
            finding.model_copy(
                update={
                    "evidence": (*finding.evidence, *evidence(speaks, pieces)),
                    "counter": (*finding.counter, *evidence(refutes, pieces)),
                }
            )
        )
    return tuple(found)


def evidence(recalled: Iterable[Recalled], pieces: dict[str, Evidence]) -> tuple[Evidence, ...]:
    queries = (f"incident {one.incident}" for one in recalled)
    return tuple(pieces[query] for query in queries if query in pieces)
