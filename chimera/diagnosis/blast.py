"""Blast radius: what lies downstream of a cause, when it is hit, and whose it is.

Calls pass trouble on at once. Data pass it on with time: when nothing new arrives, the age of a
dataset is the time since the last thing that got through, so it is past X seconds at X seconds after
the onset; when wrong records arrive, they are there after the dataset's usual lag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from chimera.diagnosis.case import Case, Watched
from chimera.diagnosis.hypothesis import number
from chimera.diagnosis.leaks import present
from chimera.diagnosis.nodes import FELT, NodeView, home
from chimera.diagnosis.recent import step_of
from chimera.diagnosis.shift import ENOUGH
from chimera.domain import Estate, FaultKind, Hit, Node, SignalKind, moment
from chimera.domain.objectives import FreshnessIndicator

SICK = 0.3  # severity from which a node shows trouble
STATES = ("hit", "expected", "spared")
SURE = 6  # samples for which what was to come must have failed to come
OLDEST = 95  # percentile of the ages before the onset: older than that is seen
# These let data through, and it is wrong or thin; all others hold it back.
SPOILS = frozenset(
    {FaultKind.DATA, FaultKind.SCHEMA, FaultKind.DUPLICATES, FaultKind.LATE, FaultKind.DRIFT}
)


def blast(
    case: Case, nodes: Mapping[str, NodeView], causes: Iterable[tuple[str, FaultKind]]
) -> tuple[Hit, ...]:
    """Everything that the causes may reach, what is hit first first. Served traffic hits nobody."""
    found: dict[str, Hit] = {}
    for target, kind in causes:
        if kind is FaultKind.TRAFFIC:
            continue
        mine: dict[str, Hit] = {}
        for name in case.estate.felt_by(
            target
        ):  # nearest first: those before it on the way are known
            if node := case.estate.node(name):
                mine[name] = hit(case, nodes, node, target, kind, mine)
        for name, one in mine.items():
            known = found.get(name)
            found[name] = one if known is None else min(known, one, key=rank)
    return tuple(sorted(found.values(), key=rank))


def rank(one: Hit) -> tuple[int, bool, float, bool, str]:
    when = one.at.timestamp() if one.at else 0.0
    return (STATES.index(one.state), one.at is None, when, not one.product, one.name)


def hit(
    case: Case,
    nodes: Mapping[str, NodeView],
    node: Node,
    target: str,
    kind: FaultKind,
    known: Mapping[str, Hit],
) -> Hit:
    """One node downstream of a cause; `known` are those before it on the way."""
    way = case.estate.way(target, node.name)[1:-1]
    made = Hit(
        name=node.name,
        kind=node.kind,
        owner=node.owner,
        tier=node.tier,
        product=case.estate.is_product(node.name),
        by_way_of=way,
    )
    since = began(nodes.get(node.name))
    if since is not None:
        return made.model_copy(update={"state": "hit", "at": moment(since)})
    seconds, why = delay(case, node, kind)
    onset = began(nodes.get(target))
    if onset is None:  # the cause itself hurts nobody yet
        return made.model_copy(update={"why": f"{why}, once {target} itself is felt"})
    if passed := next((name for name in way if known[name].state == "spared"), None):
        return made.model_copy(update={"state": "spared", "why": f"{passed} is as usual"})
    if seconds is None:
        return made.model_copy(update={"why": why})
    # Nothing is hit before what stands between it and the cause.
    before = [known[name].at for name in way if known[name].state == "expected"]
    at = max([onset + seconds, *(when.timestamp() for when in before if when)])
    if node.name in nodes and case.now > at + SURE * step_of(case):
        return made.model_copy(update={"state": "spared", "why": "it would show by now"})
    return made.model_copy(update={"at": moment(max(at, case.now)), "why": why})


def delay(case: Case, node: Node, kind: FaultKind) -> tuple[float | None, str]:
    """After how many seconds a lasting trouble shows at a node, and why then; None if unknown."""
    if node.kind == "step":
        return None, "with its next run"
    if node.kind != "dataset":
        return 0.0, "with its next calls" if node.calls else "with its next reads"
    ages = age_of(case, node.name)
    if kind in SPOILS:
        if ages is None:
            return None, "with the next run that writes it"
        lag = float(np.median(present(ages.before)))
        return lag, f"what arrives now gets there in {number(lag)} s"
    allowed = promise(case.estate, node.name)
    if allowed is not None:
        return allowed[
            1
        ], f"older than {number(allowed[1])} s then, which {allowed[0]} does not allow"
    if ages is None:
        return None, "nothing tells its age"
    if ages.limit is not None:
        return ages.limit, f"older than its limit of {number(ages.limit)} s then"
    usual = float(np.percentile(present(ages.before), OLDEST))
    return usual, f"older than ever then: it is {number(usual)} s old at most"


def promise(estate: Estate, dataset: str) -> tuple[str, float] | None:
    """The strictest freshness objective of a dataset: its name, and the age it allows in seconds."""
    promised = [
        (slo.indicator.threshold, slo.name)
        for slo in estate.slos
        if slo.node == dataset and isinstance(slo.indicator, FreshnessIndicator)
    ]
    return (min(promised)[1], min(promised)[0]) if promised else None


def age_of(case: Case, dataset: str) -> Watched | None:
    """The series that tells how old a dataset is."""
    return next(
        (
            watched
            for watched in case.series
            if watched.kind is SignalKind.FRESHNESS
            and home(watched, case.estate) == dataset
            and len(present(watched.before)) >= ENOUGH
        ),
        None,
    )


def began(node: NodeView | None) -> float | None:
    """Since when users or consumers feel a node's trouble; None while they do not."""
    if node is None or node.hurt < SICK:
        return None
    return min(
        shift.began for kind, shift in node.worst.items() if kind in FELT and shift.severity >= SICK
    )
