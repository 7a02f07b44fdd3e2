"""Faults of pipelines: a poison record, a changed schema, a step that stands; `content` has the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chimera.diagnosis.case import Case, Reason
from chimera.diagnosis.content import content, drift
from chimera.diagnosis.explain import explained, own_of
from chimera.diagnosis.hypothesis import Hypothesis, symptoms
from chimera.diagnosis.leaks import present
from chimera.diagnosis.means import means
from chimera.diagnosis.nodes import NodeView
from chimera.diagnosis.recent import step_of, suspicion
from chimera.domain import Change, Estate, FaultKind, SignalKind

K = SignalKind


def lineage(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """What the failures of a step, or the state of a dataset, say."""
    node = case.estate.node(name)
    if node is None or name not in nodes:
        return
    changed = schema_change(case, nodes, name)
    if changed is not None:
        yield from schema(case, nodes, name, *changed)
        if changed[2] > 0.5:
            return  # columns that changed just now explain it; a change long ago does not
    if node.kind == "dataset":
        yield from content(case, nodes, name)
    elif node.reads or node.writes:
        yield from drift(case, nodes, name)
        yield from poison(case, nodes, name)
        yield from standstill(case, nodes, name)


def poison(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """Its input is there, its callees answer, it has room and rights, and it fails at each run."""
    node = nodes[name]
    failures = own_of(case.estate, nodes, name, K.FAILURES)
    if failures < 0.3 or node.gone():
        return
    # Whatever else is wrong with the step explains its failures better.
    rival = max((h.strength for h in means(case, nodes, name) if h.kind in RIVALS), default=0.0)
    dataset = dataset_of(case.estate, name)
    stalled = max((nodes[d].hurt for d in written(case.estate, name) if d in nodes), default=0.0)
    sure = 0.85 if stalled >= 0.3 else 0.7
    if refused(case.estate, nodes, name):
        sure *= 0.5
    reasons = symptoms(node)
    for output in written(case.estate, name):
        if output in nodes:
            reasons += symptoms(nodes[output])
    yield Hypothesis(
        name,
        name,
        FaultKind.POISON,
        sure * failures * (1.0 - rival),
        f"{name} fails on a record of {dataset} again and again, while its input is there",
        reasons,
        {"service": name, "step": name, "dataset": dataset},
    )


def refused(estate: Estate, nodes: Mapping[str, NodeView], name: str) -> bool:
    """Whether something that it calls failed a moment ago: the runs that this broke still count."""
    node = estate.node(name)
    for callee in node.calls if node else ():
        shift = nodes[callee].worst.get(K.ERRORS) if callee in nodes else None
        lately = present(shift.watched.since[-LATELY:]) if shift else ()
        if shift and len(lately) and max(lately) - shift.before > max(shift.watched.floor, 0.02):
            return True
    return False


LATELY = 8  # samples in which a failed run is still counted
RIVALS = frozenset({FaultKind.DISK, FaultKind.CREDENTIAL, FaultKind.DOWN, FaultKind.POOL})


def dataset_of(estate: Estate, step: str) -> str:
    """The data a step works on: what it reads, or what it writes where it reads no dataset."""
    node = estate.node(step)
    assert node is not None
    return next(iter((*node.reads, *node.writes)), "")


def written(estate: Estate, step: str) -> tuple[str, ...]:
    node = estate.node(step)
    return node.writes if node else ()


def standstill(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """Its output grows old, its input does not, and it reports no failure: it does not run."""
    node = nodes[name]
    if node.severity(K.FAILURES) >= 0.3 or node.gone():
        return
    for output in (*written(case.estate, name), name):
        if output not in nodes:
            continue
        age = nodes[output].severity(K.FRESHNESS)
        if age < 0.3:
            continue
        fed = explained(case.estate, nodes, output, K.FRESHNESS) if output != name else 0.0
        stale_input = max(
            (nodes[d].severity(K.FRESHNESS) for d in inputs(case.estate, name) if d in nodes),
            default=0.0,
        )
        strength = 0.7 * age * (1.0 - fed) * (1.0 - stale_input)
        cause = f"{name} does not run: {output} grows old without a failure"
        facts = {"service": name, "step": name, "dataset": output}
        reasons = symptoms(nodes[output], K.FRESHNESS)
        yield Hypothesis(name, name, FaultKind.STUCK, strength, cause, reasons, facts)
        return


def inputs(estate: Estate, step: str) -> tuple[str, ...]:
    node = estate.node(step)
    return node.reads if node else ()


def upstream(estate: Estate, name: str) -> tuple[str, ...]:
    """The node and everything its trouble may come from, nearest first."""
    found, frontier = [name], [name]
    while frontier:
        for cause in estate.causes_of(frontier.pop(0)):
            if cause not in found:
                found.append(cause)
                frontier.append(cause)
    return tuple(found)


def schema_change(
    case: Case, nodes: Mapping[str, NodeView], name: str
) -> tuple[Change | None, str, float] | None:
    """The change of columns upstream that fits this node's trouble: (change, dataset, weight)."""
    troubled = max(
        (nodes[name].severity(kind) for kind in (K.FAILURES, K.NULLS, K.VOLUME, K.FRESHNESS)),
        default=0.0,
    )
    onset = nodes[name].began
    if troubled < 0.3 or onset is None:
        return None
    above = upstream(case.estate, name)
    fits = [
        (suspicion(change, onset, step_of(case), case.changes), change)
        for change in case.changes
        if change.kind == "schema" and (change.what in above or change.service in above)
    ]
    best = max(fits, key=lambda pair: (pair[0], pair[1].at), default=None)
    if best and best[0] > 0.1:
        return best[1], best[1].what if best[1].what in above else best[1].service, best[0]
    for dataset in above:
        seen = nodes.get(dataset)
        if seen and seen.severity(K.SCHEMA) >= 0.3:
            return None, dataset, 0.9 * seen.severity(K.SCHEMA)
    return None


def schema(
    case: Case,
    nodes: Mapping[str, NodeView],
    name: str,
    change: Change | None,
    dataset: str,
    weight: float,
) -> Iterator[Hypothesis]:
    """Blame the producer whose release changed the columns, else whoever writes the dataset."""
    began = nodes[name].began
    assert began is not None
    onset = min(began, change.at.timestamp()) if change else began
    above = upstream(case.estate, dataset)
    releases = [
        (suspicion(c, onset, step_of(case), case.changes), -above.index(c.service), c)
        for c in case.changes
        if c.kind == "release" and c.service in above
    ]
    fitting = [release for release in releases if release[0] > 0.1]
    release = max(fitting, key=lambda r: r[:2])[2] if fitting else None
    producer = release.service if release else origin(case.estate, dataset)
    reasons = []
    if change:
        text = f"the columns of {dataset} changed from {change.before} to {change.after}"
        reasons.append(Reason(text, change=change))
    elif dataset in nodes:
        reasons += symptoms(nodes[dataset], K.SCHEMA)
    facts = {"service": producer, "dataset": dataset}
    cause = f"{producer} changed the columns of {dataset}, which stops {name}"
    if release:
        text = f"{producer} went from release {release.before} to {release.after}"
        reasons.append(Reason(text, change=release))
        facts["release"] = release.after
        cause = f"release {release.after} of {producer} changed the columns of {dataset}"
    reasons += symptoms(nodes[name])
    strength = weight * (0.95 if release else 0.75)
    yield Hypothesis(name, producer, FaultKind.SCHEMA, strength, cause, tuple(reasons), facts)


def origin(estate: Estate, dataset: str) -> str:
    """Who writes a dataset; itself when nobody is known to."""
    node = estate.node(dataset)
    if node and node.kind != "dataset":
        return dataset
    writers = [n.name for n in estate.nodes if dataset in n.writes]
    return writers[0] if writers else dataset
