"""From a ranking to findings: each with the evidence that tools saw and a runbook that is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chimera.agents.base import Investigation, Means
from chimera.diagnosis.case import Case, Key, LogShift, Reason, Suspect
from chimera.diagnosis.nodes import home
from chimera.diagnosis.spheres import elsewhere, reach
from chimera.domain import (
    Change,
    Diagnosis,
    Estate,
    Evidence,
    FaultKind,
    Finding,
    Incident,
    RunbookCard,
    data_nodes,
)
from chimera.tools.base import Look
from chimera.tools.compare_metrics import Compared
from chimera.tools.list_changes import change_id

Tried = tuple[tuple[str, str], ...]


def looks(run: Investigation, tool: str) -> list[Look]:
    """What a tool saw in this run."""
    return [found for call, found in run.get("seen", {}).values() if call.tool == tool]


def case_of(run: Investigation, means: Means) -> Case:
    """Everything that was seen, as the ranking takes it."""
    task = run["task"]
    compared = [one.data for one in looks(run, "compare_metrics") if one.data is not None]
    changes: list[Change] = [c for one in looks(run, "list_changes") for c in one.data or ()]
    logs: list[LogShift] = [s for one in looks(run, "search_logs") for s in one.data or ()]
    assert all(isinstance(c, Compared) for c in compared)
    return Case(
        began=task.incident.began.timestamp(),
        now=task.now.timestamp(),
        series=tuple(s for c in compared for s in c.series),
        estate=means.estate,
        focus=focus(task.incident, means.estate),
        changes=tuple(changes),
        logs=tuple(logs),
        replicas={name: n for c in compared for name, n in c.replicas.items()},
        cleared=cleared(means.estate, means.cards, task.exclude),
    )


def focus(incident: Incident, estate: Estate) -> tuple[str, ...]:
    """Where the incident shows: services, and the steps and datasets its symptoms name."""
    named = [
        name
        for symptom in incident.symptoms
        for name in data_nodes(symptom.labels)
        if estate.node(name)
    ]
    return tuple(dict.fromkeys((incident.service, *incident.services, *named)))


def cleared(
    estate: Estate, cards: Sequence[RunbookCard], tried: Tried
) -> frozenset[tuple[str, FaultKind]]:
    """Suspicions that a repair which did not help has refuted."""
    found = set()
    for card in cards:
        for runbook, target in tried:
            if runbook != card.name:
                continue
            found |= {
                (target, kind)
                for kind in card.mends
                if not chosen(estate, cards, target, kind, tried)
            }
    return frozenset(found)


def chosen(
    estate: Estate, cards: Sequence[RunbookCard], target: str, kind: FaultKind, tried: Tried
) -> RunbookCard | None:
    """The least invasive runbook that mends this, is allowed there, and was not tried."""
    node = estate.node(target)
    fitting = [
        card
        for card in cards
        if kind in card.mends
        and node is not None
        and card.name in node.runbooks
        and (card.name, target) not in tried
    ]
    return min(fitting, key=lambda card: (card.invasiveness, card.name), default=None)


def finding_of(
    suspect: Suspect, run: Investigation, means: Means, suspects: Sequence[Suspect] = ()
) -> Finding | None:
    """A suspect with its evidence; None if no tool saw any (no evidence, no claim)."""
    evidence = proof(suspect.reasons, run)
    if not evidence:
        return None
    card = chosen(means.estate, means.cards, suspect.target, suspect.kind, run["task"].exclude)
    parameters: dict[str, str] = {}
    if card is not None:
        wanted = card.parameters.get("properties", {})
        parameters = {k: v for k, v in suspect.facts.items() if k in wanted}
        if not set(card.parameters.get("required", ())) <= set(parameters):
            card, parameters = None, {}  # it cannot be told what to do: a person must
    return Finding(
        cause=suspect.cause,
        target=suspect.target,
        kind=suspect.kind,
        confidence=suspect.confidence,
        evidence=evidence,
        counter=counter(suspect, run, means),
        runbook=card.name if card else None,
        parameters=parameters,
        reach=reach(means.estate, suspect.target),
        elsewhere=elsewhere(means.estate, suspect, suspects),
    )


def proof(reasons: Iterable[Reason], run: Investigation) -> tuple[Evidence, ...]:
    """The evidence behind reasons, as tools made it."""
    metrics: dict[Key, Evidence] = {}
    for one in looks(run, "compare_metrics"):
        metrics |= one.data.evidence if isinstance(one.data, Compared) else {}
    others = {
        piece.id: piece
        for tool in ("list_changes", "search_logs")
        for one in looks(run, tool)
        for piece in one.evidence
    }
    found: dict[str, Evidence] = {}
    for reason in reasons:
        piece = None
        if reason.series is not None:
            piece = metrics.get(reason.series)
        elif reason.change is not None:
            piece = others.get(change_id(reason.change))
        elif reason.log is not None:
            wanted = f"{reason.log.service}: {reason.log.template}"
            piece = next((p for p in others.values() if p.query == wanted), None)
        if piece is not None:
            found.setdefault(piece.id, piece)
    return tuple(found.values())


def counter(suspect: Suspect, run: Investigation, means: Means) -> tuple[Evidence, ...]:
    """What speaks against it: other changes there that are as recent, and its sick sources."""
    cited = {reason.change for reason in suspect.reasons if reason.change}
    rivals = {
        change_id(change)
        for one in looks(run, "list_changes")
        for change in one.data or ()
        if change.service == suspect.target and change not in cited and cited
        if any(abs((change.at - c.at).total_seconds()) <= 60 for c in cited)
    }
    against = [
        piece for one in looks(run, "list_changes") for piece in one.evidence if piece.id in rivals
    ]
    sources = set(means.estate.causes_of(suspect.target))
    for one in looks(run, "compare_metrics"):
        if not isinstance(one.data, Compared):
            continue
        by_key: Mapping[Key, Evidence] = one.data.evidence
        for watched in one.data.series:
            if home(watched, means.estate) in sources and watched.bad != "none":
                piece = by_key.get(watched.key)
                if piece is not None and watched.kind.value in ("errors", "latency"):
                    against.append(piece)
    return tuple({piece.id: piece for piece in against}.values())[:4]


def no_answer(why: str, next_looks: tuple[str, ...], steps: int, partial: bool) -> Diagnosis:
    """Not enough evidence, and what would settle it."""
    return Diagnosis(summary=why, next_looks=next_looks, steps=steps, partial=partial)
