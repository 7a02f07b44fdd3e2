"""Rank the possible causes of one incident, or say that there is not enough to name one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from chimera.diagnosis.case import Case, Reason, Suspect, Verdict
from chimera.diagnosis.hypothesis import Hypothesis, tell
from chimera.diagnosis.lineage import lineage
from chimera.diagnosis.means import means
from chimera.diagnosis.nodes import MEANS, NodeView, views
from chimera.diagnosis.shift import ENOUGH
from chimera.diagnosis.spheres import carried
from chimera.diagnosis.suspected import changed, unknown
from chimera.domain import Estate, FaultKind, SignalKind

NOT_BY_TRAFFIC = (
    SignalKind.DISK,
    SignalKind.CREDENTIAL,
    SignalKind.FAILURES,
    SignalKind.NULLS,
    SignalKind.PRESENCE,
)
SAYABLE = 0.3  # below this confidence nothing is said
SHOWN = 6
# A change explains what it does to these resources better than they explain themselves.
YIELDS = {
    FaultKind.POOL: 0.6,
    FaultKind.CPU: 0.6,
    FaultKind.MEMORY: 0.6,
    FaultKind.SATURATION: 0.5,
    FaultKind.POISON: 0.6,
    FaultKind.STUCK: 0.5,
    FaultKind.DISK: 0.2,
    FaultKind.CREDENTIAL: 0.2,
    FaultKind.DOWN: 0.5,
}
# Of a release and a setting that fit as well as each other, published outages have the release
# somewhat more often (37 and 31 %: The Site Reliability Workbook, appendix C).
PRIOR = {FaultKind.CONFIGURATION: 0.95}
EXPLAINED = 0.4  # a confidence from which on a trouble needs no stranger to explain it
OUTGROWN = 2.0  # times a growth in proportion to the traffic: queues fill faster than that
UNREACHED = 1.5  # off the cover of a cause that the incident's own nodes cannot have it from


def rank(case: Case) -> Verdict:
    """The suspects of a case, best first; none when the trouble has passed or evidence is thin."""
    if blind(case):
        return Verdict((), "no series has samples now: nothing can be said", ("is Prometheus up?",))
    nodes = views(case)
    if not nodes:
        why = "no series has enough samples from before the first symptom to compare with"
        return Verdict((), why, (f"at least {ENOUGH} samples from before the first symptom",))
    scope = reach(case.estate, case.focus, nodes)
    pained = troubled(nodes, scope)
    if not pained:
        grown = traffic(case, nodes, scope, 0.0)
        if grown:
            return Verdict((grown,), "more traffic, and it is being served")
        why = "every signal is back in its usual range: it recovered by itself"
        return Verdict((), why, ("watch whether it comes back",), recovered=True)
    found = [h for name in scope if name in nodes for h in hypotheses(case, nodes, name)]
    suspects = compete(case, nodes, found, set(pained))
    worst = max((nodes[name].hurt for name in pained), default=0.0)
    strongest = suspects[0].confidence if suspects else 0.0
    if strongest < 0.5 and (grown := traffic(case, nodes, scope, worst)):
        suspects = sorted([grown, *suspects], key=lambda s: -s.confidence)
    shown = tuple(s for s in suspects if s.confidence >= SAYABLE)[:SHOWN]
    if not shown:
        where = ", ".join(pained[:3])
        return Verdict((), f"{where} shows trouble that nothing seen explains", looks(case, pained))
    return Verdict(shown, shown[0].cause, looks(case, pained), hurt=tuple(pained))


def blind(case: Case) -> bool:
    """Nothing at all can be read now: that is Prometheus' trouble, not everybody's."""
    return not any(np.isfinite(watched.since[-3:]).any() for watched in case.series)


def reach(estate: Estate, focus: Iterable[str], nodes: Mapping[str, NodeView]) -> tuple[str, ...]:
    """Where a cause of these symptoms may lie: there, and everywhere upstream of it."""
    wanted = [name for name in focus if name in nodes or estate.node(name)]
    if not wanted:
        return tuple(nodes)
    found = list(dict.fromkeys(wanted))
    # What a service writes or reads shows its trouble under its own name.
    for name in tuple(found):
        node = estate.node(name)
        found += [d for d in (*node.reads, *node.writes) if d not in found] if node else []
    frontier = list(found)
    while frontier:
        for cause in estate.causes_of(frontier.pop(0)):
            if cause not in found:
                found.append(cause)
                frontier.append(cause)
    return tuple(found)


def troubled(nodes: Mapping[str, NodeView], scope: Iterable[str]) -> list[str]:
    """Nodes that hurt now, or whose resources will soon; worst first."""
    level = {
        name: max(nodes[name].hurt, 0.9 * max(nodes[name].unexplained(k) for k in MEANS))
        for name in scope
        if name in nodes
    }
    return sorted((n for n, value in level.items() if value >= 0.3), key=lambda n: (-level[n], n))


def hypotheses(case: Case, nodes: Mapping[str, NodeView], name: str) -> list[Hypothesis]:
    """Everything that may explain one node's trouble, with its rivals weighed."""
    changes = list(changed(case, nodes, name))
    recent = max((h.strength for h in changes if h.target == name), default=0.0)
    others = [
        replace(h, strength=h.strength * (1.0 - YIELDS.get(h.kind, 0.0) * recent))
        for h in (*means(case, nodes, name), *lineage(case, nodes, name))
    ]
    known = [
        replace(h, strength=0.2 * h.strength) if (h.target, h.kind) in case.cleared else h
        for h in (*changes, *others)
    ]
    known = [h for h in known if h.strength >= 0.1]
    if max((h.strength for h in known), default=0.0) < 0.5:
        known += unknown(case, nodes, name)
    return [with_logs(case, h) for h in known]


def with_logs(case: Case, hypothesis: Hypothesis) -> Hypothesis:
    """Add what the target's logs say; they support, and never raise the confidence."""
    bursts = sorted(
        (
            log
            for log in case.logs
            if log.service in (hypothesis.target, hypothesis.at)
            and log.since > max(0.5, 3 * log.before)
            and log.level.lower() in ("", "error", "critical", "warning")
        ),
        key=lambda log: (-log.since, log.template),
    )[:2]
    added = tuple(
        Reason(
            f"{log.service} logs {log.template!r} {log.since:.1f} times a minute, "
            f"{log.before:.1f} before",
            log=log,
        )
        for log in bursts
    )
    return replace(hypothesis, reasons=(*hypothesis.reasons, *added))


def compete(
    case: Case, nodes: Mapping[str, NodeView], found: list[Hypothesis], pained: set[str]
) -> list[Suspect]:
    """Hypotheses about one node share its confidence (two equal ones have .7 each, and a weak rival
    takes little); those about different nodes stand alone.

    One that reaches more of the pained nodes comes first. One that reaches none of those where the
    incident shows, but over nodes that are as usual, is a trouble of its own: another incident's,
    and comes after what explains this one.
    """
    best: dict[tuple[str, FaultKind, str], Hypothesis] = {}
    for hypothesis in found:
        key = (hypothesis.target, hypothesis.kind, hypothesis.facts.get("key", ""))
        if key not in best or hypothesis.strength > best[key].strength:
            best[key] = hypothesis
    rivals: dict[str, float] = defaultdict(float)
    for hypothesis in best.values():
        if hypothesis.kind is not FaultKind.UNKNOWN:  # it is what is left, and rivals nobody
            rivals[hypothesis.at] += weight(hypothesis) ** 2
    suspects: list[Suspect] = []
    strangers: list[Suspect] = []
    for h in best.values():
        if h.strength <= 0 or not h.reasons:
            continue
        reached = pained & {h.target, h.at, *case.estate.felt_by(h.target)}
        cover = len(reached) / len(pained) if pained else 1.0
        touched = carried(case.estate, (h.target, h.at), nodes, case.focus)
        strange = bool(case.focus) and touched.isdisjoint(case.focus)
        if strange:
            cover -= UNREACHED
        alone = h.kind is FaultKind.UNKNOWN
        held = 1.0 if alone else weight(h) / rivals[h.at] ** 0.5
        confidence = h.strength * held * (0.75 + 0.25 * cover)
        confidence = round(min(confidence, 0.99), 3)
        suspect = Suspect(h.target, h.kind, confidence, h.cause, h.reasons, h.facts, h.at)
        (strangers if strange else suspects).append(suspect)
    known = max((s.confidence for s in suspects if s.kind is not FaultKind.UNKNOWN), default=0.0)
    if known >= EXPLAINED:
        strangers = [
            replace(s, confidence=min(s.confidence, round(0.9 * known, 3))) for s in strangers
        ]
    suspects += strangers
    return sorted(suspects, key=lambda s: (-s.confidence, s.target, s.kind))


def weight(hypothesis: Hypothesis) -> float:
    """What it counts for among its rivals."""
    return hypothesis.strength * PRIOR.get(hypothesis.kind, 1.0)


def traffic(
    case: Case, nodes: Mapping[str, NodeView], scope: Iterable[str], worst: float
) -> Suspect | None:
    """More work that is being done: named at the node furthest out that has it."""
    grown = {
        name
        for name in (*scope, *(o for n in scope for o in case.estate.felt_by(n)))
        if name in nodes and nodes[name].traffic >= 1.2
    }
    callers = {n.name: set(n.calls) for n in case.estate.nodes}
    entries = [n for n in grown if not any(n in callers.get(other, ()) for other in grown)]
    # What more work cannot bring about needs another cause, however much work there is.
    other = any(nodes[n].severity(k) >= 0.3 for n in scope if n in nodes for k in NOT_BY_TRAFFIC)
    if not entries or worst >= 0.75 or other:
        return None
    entry = max(entries, key=lambda name: (nodes[name].traffic, name))
    if any(outgrown(nodes[n], asked(nodes[entry])) for n in scope if n in nodes):
        return None
    node = nodes[entry]
    reason = tell(node, node.worst[SignalKind.TRAFFIC])
    cause = f"{entry} has {node.traffic:.1f} times its usual traffic, and it is being served"
    confidence = round(0.85 * (1.0 - 0.5 * worst), 3)
    facts = {"service": entry}
    return Suspect(entry, FaultKind.TRAFFIC, confidence, cause, (reason,), facts, entry)


def asked(node: NodeView) -> float:
    """How many times its median traffic a node has: what its means are measured against too."""
    demand = node.worst.get(SignalKind.TRAFFIC)
    return max(node.traffic, demand.ratio if demand else 1.0)


def outgrown(node: NodeView, times: float) -> bool:
    """Whether one of its means grew far more than so many times the traffic accounts for."""
    shifts = [node.worst[k] for k in MEANS if k in node.worst and node.unexplained(k) >= 0.3]
    more = max(times, asked(node)) - 1.0
    return any(s.now - s.before > OUTGROWN * more * s.before + s.watched.floor / 2 for s in shifts)


def looks(case: Case, pained: list[str]) -> tuple[str, ...]:
    """What a person should look at to settle it."""
    asks = [f"logs and traces of {name} since the first symptom" for name in pained[:2]]
    unseen = [
        c
        for name in pained
        for c in case.estate.causes_of(name)
        if not any(c in (s.service, *s.labels.values()) for s in case.series)
    ]
    asks += [f"metrics of {name}: it has none here" for name in dict.fromkeys(unseen)]
    if not case.changes:
        asks.append("changes that leave no trace in metrics: flags, data, infrastructure")
    return tuple(asks[:5])
