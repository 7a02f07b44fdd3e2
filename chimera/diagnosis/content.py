"""Faults of what a dataset holds: thin or hollow batches, doubles, late records; a model left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chimera.diagnosis.case import Case
from chimera.diagnosis.explain import own_of
from chimera.diagnosis.hypothesis import Hypothesis, symptoms
from chimera.diagnosis.nodes import NodeView
from chimera.domain import Estate, FaultKind, SignalKind

K = SignalKind
CLEAR = 0.3
SURE = 0.85  # where a signal measures the very thing
BY_ONE, BY_BOTH = 0.7, 0.85  # rows or fields missing; rows and fields


def content(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """What is wrong with a dataset whose columns are as before, and not with what it is made of."""
    own = {kind: own_of(case.estate, nodes, name, kind) for kind in (K.DUPLICATES, K.LAG)}
    writer = written_by(case.estate, name)
    if own[K.DUPLICATES] >= CLEAR:
        cause = f"{name} has the same records more than once: something was sent again"
        kind, strength = FaultKind.DUPLICATES, SURE * own[K.DUPLICATES]
        yield made(nodes, name, kind, strength, cause, writer, K.DUPLICATES)
    if own[K.LAG] >= CLEAR:
        cause = f"records of {name} came after their time was closed"
        yield made(nodes, name, FaultKind.LATE, SURE * own[K.LAG], cause, writer, K.LAG)
    yield from thin(case, nodes, name)


def thin(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """Rows or fields that are not there: what feeds it sent a bad batch."""
    own = [own_of(case.estate, nodes, name, kind) for kind in (K.VOLUME, K.NULLS, K.DRIFT)]
    if max(own) < CLEAR:
        return
    fits = BY_BOTH if min(own[:2]) >= CLEAR else BY_ONE
    reader = stopped_by(case.estate, nodes, name) or written_by(case.estate, name)
    reasons = (K.VOLUME, K.NULLS, K.DRIFT)
    cause = f"the content of {name} changed, and its columns did not"
    if max(own[:2]) >= CLEAR:
        what = [w for w, o in zip(("rows", "fields"), own[:2], strict=True) if o >= CLEAR]
        cause = (
            f"{name} got a bad batch: {' and '.join(what)} are missing, its columns are as before"
        )
    yield made(nodes, name, FaultKind.DATA, fits * max(own), cause, reader, *reasons)


def drift(case: Case, nodes: Mapping[str, NodeView], name: str) -> Iterator[Hypothesis]:
    """A model whose predictions moved while its input looks as before."""
    moved = own_of(case.estate, nodes, name, K.DRIFT)
    if moved >= CLEAR:
        cause = (
            f"the model of {name} is left behind: its input is whole, and not as it was trained on"
        )
        yield made(nodes, name, FaultKind.DRIFT, 0.8 * moved, cause, name, K.DRIFT)


def made(
    nodes: Mapping[str, NodeView],
    name: str,
    kind: FaultKind,
    strength: float,
    cause: str,
    step: str,
    *shown: SignalKind,
) -> Hypothesis:
    """A hypothesis about this very node; `step` is who can put it right."""
    dataset = {"dataset": name} if step != name else {}
    facts = {"service": name, "step": step, **dataset}
    return Hypothesis(name, name, kind, strength, cause, symptoms(nodes[name], *shown), facts)


def written_by(estate: Estate, dataset: str) -> str:
    return next((node.name for node in estate.nodes if dataset in node.writes), dataset)


def stopped_by(estate: Estate, nodes: Mapping[str, NodeView], dataset: str) -> str:
    """The step that reads a dataset and fails; else the first that reads it."""
    readers = [node.name for node in estate.nodes if dataset in node.reads]
    failing = [n for n in readers if n in nodes and nodes[n].severity(K.FAILURES) >= CLEAR]
    return next(iter((*failing, *readers)), "")
