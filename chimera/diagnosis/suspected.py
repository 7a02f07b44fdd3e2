"""Releases and configuration changes as causes, and what is left when nothing else fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chimera.diagnosis.case import Case, Reason
from chimera.diagnosis.explain import own
from chimera.diagnosis.hypothesis import Hypothesis, symptoms
from chimera.diagnosis.lineage import upstream
from chimera.diagnosis.nodes import MEANS, NodeView
from chimera.diagnosis.recent import suspects
from chimera.domain import Change, FaultKind, SignalKind

K = SignalKind
KINDS = {"release": FaultKind.RELEASE, "configuration": FaultKind.CONFIGURATION}
# Of the resources, these tell by themselves what is wrong; a change rarely brings them about.
SPECIFIC = frozenset({K.CREDENTIAL, K.DISK})


def trouble(case: Case, nodes: Mapping[str, NodeView], name: str) -> float:
    """What a change of this node could be guilty of: its own symptoms, and what its resources do."""
    node = nodes[name]
    resources = max(node.unexplained(kind) for kind in MEANS if kind not in SPECIFIC)
    return max(own(case.estate, nodes, name), 0.9 * resources * min(1.0, 0.5 + node.hurt))


def changed(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """Changes of the node itself, and of what it depends on where that shows nothing."""
    node = nodes[name]
    onset = node.began
    guilt = trouble(case, nodes, name)
    if onset is None or guilt < 0.3:
        return
    felt = symptoms(node)
    for change, weight in suspects(case, name, onset):
        if change.kind in KINDS:
            yield blamed(name, change, 0.97 * weight * guilt, onset, felt)
    for other in upstream(case.estate, name)[1:]:
        quiet = other not in nodes or nodes[other].hurt < 0.3
        alone = own(case.estate, nodes, name)
        if not quiet or alone < 0.3:
            continue
        for change, weight in suspects(case, other, onset):
            if change.kind in KINDS:
                yield blamed(name, change, 0.4 * weight * alone, onset, felt)


def blamed(
    at: str, change: Change, strength: float, onset: float, felt: tuple[Reason, ...]
) -> Hypothesis:
    """One change as the cause of one node's trouble."""
    seconds = round(onset - change.at.timestamp())
    when = f"{seconds} s before" if seconds > 0 else "as"
    service = change.service
    facts = {"service": service}
    if change.kind == "release":
        what = f"release {change.after} of {service}"
        text = f"{service} went from release {change.before or '?'} to {change.after}"
        facts["release"] = change.after
    else:
        what = f"{change.what} of {service}, set to {change.after!r},"
        text = f"{change.what} of {service} went from {change.before!r} to {change.after!r}"
        facts |= {"key": change.what, "value": change.after}
    if change.before:
        facts["back_to"] = change.before
    effect = felt[0].text if felt else f"{at} is in trouble"
    reason = Reason(f"{text}, {when} the trouble of {at} began", change=change)
    cause = f"{what} is to blame: {effect}"
    return Hypothesis(at, service, KINDS[change.kind], strength, cause, (reason, *felt), facts)


def unknown(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """Its own trouble, of which nothing tells the kind."""
    alone = own(case.estate, nodes, name)
    if alone < 0.5:
        return
    node = case.estate.node(name)
    kind = FaultKind.DEPENDENCY if node and node.kind == "external" else FaultKind.UNKNOWN
    strength = (0.6 if kind is FaultKind.DEPENDENCY else 0.35) * alone
    outside = ", which is outside the estate" if kind is FaultKind.DEPENDENCY else ""
    cause = f"something in {name}{outside}: nothing it depends on explains its trouble"
    yield Hypothesis(name, name, kind, strength, cause, symptoms(nodes[name]), {"service": name})
