"""Several causes at once: which part of the trouble is whose."""

from __future__ import annotations

from collections.abc import Iterable

from chimera.diagnosis.case import Suspect
from chimera.domain import Estate

ALSO = 0.5  # from this confidence on, another suspect is a cause of its own


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
