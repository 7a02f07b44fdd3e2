"""Explain away: how much of a node's trouble comes from what it depends on.

Errors and slowness travel from the callee to the caller, staleness from upstream data to
downstream. What is left is the node's own. Volumes (errors a second, seconds waited a second) are
compared where traffic is known: a tiny callee cannot explain a large trouble.
"""

from __future__ import annotations

from collections.abc import Mapping

from chimera.diagnosis.nodes import FELT, NodeView
from chimera.domain import Estate, SignalKind

K = SignalKind
# What of a neighbour can bring about a trouble of this kind, and how surely.
BRINGS: dict[SignalKind, dict[SignalKind, float]] = {
    K.ERRORS: {K.ERRORS: 1.0, K.LATENCY: 0.8, K.PRESENCE: 1.0, K.CREDENTIAL: 0.5},
    K.LATENCY: {K.LATENCY: 1.0, K.ERRORS: 0.8, K.PRESENCE: 1.0},
    K.FAILURES: {K.ERRORS: 1.0, K.LATENCY: 0.6, K.PRESENCE: 1.0, K.NULLS: 0.8, K.VOLUME: 0.8},
    K.FRESHNESS: {K.FRESHNESS: 1.0, K.FAILURES: 1.0, K.ERRORS: 1.0, K.PRESENCE: 1.0},
    K.VOLUME: {K.VOLUME: 1.0, K.FAILURES: 1.0, K.ERRORS: 0.8, K.PRESENCE: 1.0, K.FRESHNESS: 0.8},
    K.NULLS: {K.NULLS: 1.0},
    K.DUPLICATES: {K.DUPLICATES: 1.0},
    K.LAG: {K.LAG: 1.0},
    K.DRIFT: {K.DRIFT: 1.0, K.NULLS: 0.8, K.VOLUME: 0.6, K.FRESHNESS: 0.6},
    K.PRESENCE: {},
}
# Trouble with data passes through a step that itself works as it should.
FLOWS = frozenset({K.FRESHNESS, K.VOLUME, K.NULLS, K.DUPLICATES, K.LAG, K.DRIFT})
ENOUGH_VOLUME = 0.3  # a callee with this share of the caller's volume explains all of it


def own(estate: Estate, nodes: Mapping[str, NodeView], name: str) -> float:
    """The part of a node's trouble that nothing upstream explains, 0 to 1."""
    return max((own_of(estate, nodes, name, kind) for kind in FELT), default=0.0)


def own_of(estate: Estate, nodes: Mapping[str, NodeView], name: str, kind: SignalKind) -> float:
    """The same for one kind of symptom."""
    node = nodes.get(name)
    if node is None or not node.severity(kind):
        return 0.0
    return node.severity(kind) * (1.0 - explained(estate, nodes, name, kind))


def explained(estate: Estate, nodes: Mapping[str, NodeView], name: str, kind: SignalKind) -> float:
    """The share of a node's symptom that its callees, inputs and writers account for."""
    node = nodes[name]
    shares = [
        share(node, other, kind)
        for neighbour in sources(estate, nodes, name, kind)
        if (other := nodes.get(neighbour))
    ]
    return min(1.0, sum(shares))


def sources(
    estate: Estate, nodes: Mapping[str, NodeView], name: str, kind: SignalKind
) -> tuple[str, ...]:
    """The nearest nodes upstream that have something to say, seen through those that have not."""
    found: list[str] = []
    seen = {name}
    frontier = list(estate.causes_of(name))
    while frontier:
        here = frontier.pop(0)
        if here in seen:
            continue
        seen.add(here)
        there = nodes.get(here)
        if there is not None:
            found.append(here)
        spoke = there is not None and any(there.severity(k) >= 0.3 for k in BRINGS[kind])
        if there is None or (kind in FLOWS and not spoke):
            frontier.extend(estate.causes_of(here))
    return tuple(found)


def share(node: NodeView, other: NodeView, kind: SignalKind) -> float:
    """How much of the node's symptom this neighbour accounts for."""
    best = 0.0
    for brought, surely in BRINGS[kind].items():
        severity = other.severity(brought)
        if severity < 0.3:
            continue
        part = min(1.0, severity / node.severity(kind)) * surely
        if brought is kind:
            part = min(part, by_volume(node, other, kind))
        best = max(best, part)
    return best


def by_volume(node: NodeView, other: NodeView, kind: SignalKind) -> float:
    """The callee's added volume against the caller's; 1 where volumes cannot be told."""
    if kind not in (K.ERRORS, K.LATENCY):
        return 1.0
    mine, theirs = added(node, kind), added(other, kind)
    if mine is None or theirs is None or mine <= 0:
        return 1.0
    return min(1.0, max(0.0, theirs / mine) / ENOUGH_VOLUME)


def added(node: NodeView, kind: SignalKind) -> float | None:
    """Errors a second, or seconds waited a second, that were not there before."""
    shift, traffic = node.worst.get(kind), node.worst.get(K.TRAFFIC)
    if shift is None or traffic is None or not traffic.now > 0:
        return None
    return (shift.now - shift.before) * traffic.now
