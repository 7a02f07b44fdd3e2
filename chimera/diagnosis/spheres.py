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
        apart = rival.target != suspect.target and rival.at != suspect.at
        if not apart or rival.confidence < ALSO:
            continue
        theirs = reach(estate, rival.target)
        downstream = rival.target in mine and suspect.target not in theirs
        others += [node for node in theirs if downstream or node not in mine]
    return tuple(dict.fromkeys(others))


def reach(estate: Estate, name: str) -> tuple[str, ...]:
    """The node and everything that its trouble may reach, nearest first."""
    return (name, *estate.felt_by(name))
