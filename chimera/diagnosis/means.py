"""A node's own metrics decide what kind of fault it has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from chimera.diagnosis.case import Case, Reason
from chimera.diagnosis.explain import explained
from chimera.diagnosis.hypothesis import Hypothesis, symptoms, tell
from chimera.diagnosis.nodes import FELT, NodeView
from chimera.diagnosis.shift import Shift
from chimera.domain import Estate, FaultKind, SignalKind

K = SignalKind
FULL = 0.85  # of a limit: as good as full
STILL_RISING = 0.65  # the least severity of what rises without an end


def means(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """What this node's own resources say."""
    node = nodes[name]
    fed = slowed_by_others(case.estate, nodes, name)
    cpu = node.unexplained(K.CPU)
    yield from gone(node)
    yield from credential(case, node)
    yield from disk(node)
    # A busy processor and slow callees hold connections and workers: then those are not the cause.
    yield from pool(node, (1.0 - fed) * (1.0 - 0.5 * cpu) * (1.0 - 0.7 * surged(case, nodes, name)))
    yield from memory(node)
    yield from processor(node)
    yield from saturation(case, nodes, node, 1.0 - fed)
    yield from stuck(nodes, node, case.estate)


def made(
    node: NodeView, kind: FaultKind, strength: float, cause: str, *first: Reason, **facts: str
) -> Hypothesis:
    """A hypothesis about this very node; its metric first, then what users feel of it."""
    felt = tuple(reason for reason in symptoms(node, *FELT) if reason not in first)
    return Hypothesis(
        node.name,
        node.name,
        kind,
        min(1.0, strength),
        cause,
        (*first, *felt),
        {"service": node.name, **facts},
    )


def slowed_by_others(estate: Estate, nodes: Mapping[str, NodeView], name: str) -> float:
    """How much of this node's slowness its callees account for."""
    if not nodes[name].severity(K.LATENCY):
        return 0.0
    return explained(estate, nodes, name, K.LATENCY)


def demand(case: Case, nodes: Mapping[str, NodeView], name: str) -> float:
    """How many times its usual work is asked of a node: its own traffic or its callers'.

    A full service answers no more than it can, so those who call it tell what is wanted.
    """
    callers = [
        nodes[n.name].traffic for n in case.estate.nodes if name in n.calls and n.name in nodes
    ]
    return max([nodes[name].traffic, *callers], default=1.0)


def surged(case: Case, nodes: Mapping[str, NodeView], name: str) -> float:
    """0 when no more work than usual is asked of it, 1 from half as much again."""
    return min(1.0, max(0.0, (demand(case, nodes, name) - 1.1) / 0.4))


def gone(node: NodeView) -> Iterator[Hypothesis]:
    if node.gone():
        shift = node.worst[K.PRESENCE]
        yield made(node, FaultKind.DOWN, 0.97, f"{node.name} is down", tell(node, shift))


def credential(case: Case, node: NodeView) -> Iterator[Hypothesis]:
    shift = node.worst.get(K.CREDENTIAL)
    if shift is None or shift.severity < 0.3:
        return
    upstream = shift.watched.labels.get("upstream") or outside(case.estate, node.name)
    whom = upstream or "what it calls"
    yield made(
        node,
        FaultKind.CREDENTIAL,
        0.97 * shift.severity,
        f"the credential that {node.name} shows to {whom} is refused",
        tell(node, shift),
        **({"upstream": upstream} if upstream else {}),
    )


def outside(estate: Estate, name: str) -> str:
    """The one external thing a node calls, if there is just one."""
    node = estate.node(name)
    calls = [estate.node(c) for c in node.calls] if node else []
    external = [c.name for c in calls if c and c.kind == "external"]
    return external[0] if len(external) == 1 else ""


def disk(node: NodeView) -> Iterator[Hypothesis]:
    shift = node.worst.get(K.DISK)
    if shift is None or shift.severity < 0.3:
        return
    near = shift.rising or fullness(shift.fullness, shift.now) >= FULL
    what = "is full" if fullness(shift.fullness, shift.now) >= 0.97 else "is filling up"
    yield made(
        node,
        FaultKind.DISK,
        climbing(shift) * (0.95 if near else 0.4),
        f"the disk of {node.name} {what}",
        tell(node, shift),
    )


def climbing(shift: Shift) -> float:
    """How bad it is: what goes on rising is bad before it is large, for it will be."""
    return max(shift.severity, STILL_RISING) if shift.rising else shift.severity


def fullness(of_limit: float, share: float) -> float:
    """How full it is: of its limit, or of one where the series is a share itself."""
    return of_limit or (share if 0.0 <= share <= 1.0 else 0.0)


def pool(node: NodeView, fits: float) -> Iterator[Hypothesis]:
    shift = node.worst.get(K.POOL)
    severity = node.unexplained(K.POOL)
    if shift is None or severity < 0.3:
        return
    # A pool series without a limit counts those who wait, and nobody waits while there is room.
    counts = shift.watched.limit is None and shift.now > 1.0
    near = shift.rising or counts or fullness(shift.fullness, shift.now) >= FULL
    yield made(
        node,
        FaultKind.POOL,
        max(severity, climbing(shift)) * fits * (0.93 if near else 0.4),
        f"the connection pool of {node.name} runs dry: connections are not given back",
        tell(node, shift),
    )


def memory(node: NodeView) -> Iterator[Hypothesis]:
    shift = node.worst.get(K.MEMORY)
    if shift is None or shift.severity < 0.3:
        return
    # What rose once and stays has found its place, unless there is hardly any left.
    sure = 0.9 if shift.rising or shift.fullness >= FULL else 0.4
    cause = f"{node.name} takes ever more memory"
    yield made(node, FaultKind.MEMORY, climbing(shift) * sure, cause, tell(node, shift))


def processor(node: NodeView) -> Iterator[Hypothesis]:
    shift, severity = node.worst.get(K.CPU), node.unexplained(K.CPU)
    if shift is None or severity < 0.3:
        return
    calm = node.traffic < 1.2
    cause = f"{node.name} burns CPU without more traffic"
    yield made(node, FaultKind.CPU, severity * (0.93 if calm else 0.4), cause, tell(node, shift))


def saturation(
    case: Case, nodes: Mapping[str, NodeView], node: NodeView, fits: float
) -> Iterator[Hypothesis]:
    """More work than its workers can do: they are all busy, and more is asked than usual."""
    busy, queue = node.worst.get(K.SATURATION), node.worst.get(K.QUEUE)
    full = fullness(busy.fullness, busy.now) if busy else 0.0
    waits = max(node.severity(K.QUEUE), node.hurt)
    if busy is None or full < FULL or waits < 0.3:
        return
    asked = surged(case, nodes, node.name)
    times = demand(case, nodes, node.name)
    have = case.replicas.get(node.name, 1)
    want = min(have + 2, max(have + 1, math.ceil(have * times)))
    first = [tell(node, busy)]
    if queue and queue.severity >= 0.3:
        first.append(tell(node, queue))
    if node.traffic > 1.1:
        first.append(tell(node, node.worst[K.TRAFFIC]))
    yield made(
        node,
        FaultKind.SATURATION,
        0.95 * asked * fits * waits,
        f"{node.name} is asked for {times:.1f} times its usual work, more than its workers can do",
        *first,
        replicas=str(want),
    )


def stuck(nodes: Mapping[str, NodeView], node: NodeView, estate: Estate) -> Iterator[Hypothesis]:
    """Alive, and answers nothing while others ask: hardly any traffic left, and callers hurt."""
    traffic = node.worst.get(K.TRAFFIC)
    if traffic is None or node.traffic > 0.2 or node.gone():
        return
    callers = [n.name for n in estate.nodes if node.name in n.calls and n.name in nodes]
    pained = max((nodes[name].hurt for name in callers), default=0.0)
    # A caller that asks less has its own trouble; one that asks as before and fails has ours.
    asking = max((nodes[name].traffic for name in callers), default=0.0)
    if pained >= 0.3 and asking > 0.5:
        cause = f"{node.name} runs and answers nothing"
        yield made(node, FaultKind.STUCK, 0.6 * pained, cause, tell(node, traffic))
