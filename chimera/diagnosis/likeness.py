"""How alike two incidents are, and how much a memory of one may say about another.

An incident's signs are the severities of what moved, by node, kind of signal and direction. What a
node only passes on counts a quarter: every trouble of a callee looks the same at its callers. Two
incidents are as alike as their weighted overlap (Ruzicka): what both show, over what either shows.
Log templates count half a sign each. A memory's weight halves with its age.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from chimera.diagnosis.explain import BRINGS, explained
from chimera.diagnosis.nodes import NodeView
from chimera.domain import Estate, FaultKind, Memory, Recalled, SignalKind, Veto

SIGN = 0.3  # severity from which something is a sign
PASSED = 0.25  # what a node's sources explain, of a sign
TEMPLATE = 0.5  # of a sign
ALIKE = 0.6  # likeness from which a memory is told
FADED = 0.1  # weight below which it says nothing any more
Key = tuple[str, FaultKind]


def signs(estate: Estate, nodes: Mapping[str, NodeView]) -> dict[str, float]:
    """What an incident shows: "node kind direction" to severity, 0 to 1."""
    found = {}
    for name, node in sorted(nodes.items()):
        for kind, shift in sorted(node.worst.items()):
            if shift.severity < SIGN or kind is SignalKind.TRAFFIC:
                continue
            passed = explained(estate, nodes, name, kind) if kind in BRINGS else 0.0
            weight = shift.severity * (1.0 - (1.0 - PASSED) * passed)
            found[f"{name} {kind.value} {direction(shift.before, shift.now)}"] = round(weight, 2)
    return found


def direction(before: float, now: float) -> str:
    return "up" if now > before else "down" if now < before else "gone"


def likeness(
    mine: Mapping[str, float],
    theirs: Mapping[str, float],
    my_templates: Collection[str] = (),
    their_templates: Collection[str] = (),
) -> float:
    """0 for nothing in common, 1 for the same. Templates have a say only where both have some."""
    every = {*mine, *theirs}
    both = sum(min(mine.get(s, 0.0), theirs.get(s, 0.0)) for s in every)
    either = sum(max(mine.get(s, 0.0), theirs.get(s, 0.0)) for s in every)
    if my_templates and their_templates:
        both += TEMPLATE * len({*my_templates} & {*their_templates})
        either += TEMPLATE * len({*my_templates} | {*their_templates})
    return both / either if either else 0.0


def recalled(
    memories: Iterable[Memory],
    vetoes: Iterable[Veto],
    shown: Mapping[str, float],
    templates: Collection[str],
    now: datetime,
    half_life: timedelta,
) -> tuple[Recalled, ...]:
    """The memories that are like this and have not faded, those that weigh most first."""
    said: dict[str, list[Veto]] = {}
    for veto in vetoes:
        said.setdefault(veto.incident, []).append(veto)
    found = []
    for memory in memories:
        like = likeness(shown, memory.signs, templates, memory.templates)
        age = max(now - memory.at, timedelta(0))
        weight = like * 0.5 ** (age / half_life)
        if like < ALIKE or weight < FADED:
            continue
        found.append(
            Recalled(
                incident=memory.incident,
                title=memory.title,
                at=memory.at,
                likeness=round(like, 3),
                weight=round(weight, 3),
                mended=memory.mended,
                vetoes=tuple(said.get(memory.incident, ())),
            )
        )
    return tuple(sorted(found, key=lambda r: (-r.weight, r.incident)))


def lean(past: Iterable[Recalled]) -> dict[Key, float]:
    """For each cause, what the past says: 1 it was that, -1 people say it was not. Bounded."""
    found: dict[Key, float] = {}
    for one in past:
        for cause in {mended.key for mended in one.stands}:
            found[cause] = found.get(cause, 0.0) + one.weight
        for cause in {veto.key for veto in one.vetoes}:
            found[cause] = found.get(cause, 0.0) - one.weight
    return {cause: max(-1.0, min(1.0, weight)) for cause, weight in found.items()}
