"""Several causes at once: which part of the trouble is whose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from chimera.diagnosis.case import Suspect
from chimera.diagnosis.nodes import NodeView
from chimera.domain import Estate, Node, SignalKind

ALSO = 0.5  # from this confidence on, another suspect is a cause of its own
STIRRED = 0.1  # a node whose every severity is below this is as usual


def elsewhere(estate: Estate, suspect: Suspect, suspects: Iterable[Suspect]) -> tuple[str, ...]:
    """The nodes whose trouble another suspect explains better than this one.

    Those are the nodes that only the other reaches; and, where the other lies downstream of this
    one, all that it reaches: it was found guilty of what nothing upstream explains. A repair of this
    suspect is not to be judged by them.
    """
    mine = reach(estate, suspect.target)
    others: list[str] = []
    for rival in suspects:
        rivals = rival.target == suspect.target or rival.at == suspect.at
        if rivals or rival.confidence < ALSO:
            continue
        theirs = reach(estate, rival.target)
        downstream = rival.target in mine and suspect.target not in theirs
        others += [node for node in theirs if downstream or node not in mine]
    return tuple(dict.fromkeys(others))


def together(suspects: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """The causes that it takes to explain everything: the first suspect, and each further one that
    is sure enough and explains the trouble of other nodes."""
    causes: list[Suspect] = []
    for suspect in suspects:
        if not causes or (
            suspect.confidence >= ALSO and all(apart(suspect, cause) for cause in causes)
        ):
            causes.append(suspect)
    return tuple(causes)


def apart(one: Suspect, other: Suspect) -> bool:
    """Whether the two are no rivals: neither is blamed for the trouble at, or of, the other."""
    return {one.target, one.at}.isdisjoint((other.target, other.at))


def reach(estate: Estate, name: str) -> tuple[str, ...]:
    """The node and everything that its trouble may reach, nearest first."""
    return (name, *estate.felt_by(name))


def carried(
    estate: Estate, names: Iterable[str], nodes: Mapping[str, NodeView], shown: Collection[str] = ()
) -> frozenset[str]:
    """The nodes and those that their trouble can have reached by now.

    Trouble does not jump over a caller that is as usual, unless it was `shown` there before, nor over
    data of which nothing has moved, neither their age nor their content. A step at work hands on what
    it is given, and nothing is known of what is not measured.
    """
    found: set[str] = set()
    frontier = list(names)
    while frontier:
        here = frontier.pop(0)
        if here in found:
            continue
        found.add(here)
        frontier += [
            other.name
            for other in estate.nodes
            if here in estate.causes_of(other.name) and passed(here, other, nodes, shown)
        ]
    return frozenset(found)


def passed(here: str, to: Node, nodes: Mapping[str, NodeView], shown: Collection[str] = ()) -> bool:
    """Whether the trouble of one node can be that of the next."""
    if here in to.calls:
        return to.name in shown or to.name not in nodes or stirred(nodes[to.name])
    return here not in to.reads or here not in nodes or stirred(nodes[here])


def stirred(node: NodeView) -> bool:
    """Whether anything but its traffic has moved."""
    return any(
        shift.severity >= STIRRED
        for kind, shift in node.worst.items()
        if kind is not SignalKind.TRAFFIC
    )
