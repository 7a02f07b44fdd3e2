"""Which signals belong to one incident: by topology and time. Pure; the grouper's whole judgement.

Two signals belong together when their services do: the same service, or near enough along the ways
that trouble travels (callee to caller, upstream data to downstream) that one can explain the other.
A service in between that shows nothing breaks the chain unless it is the only gap: symptoms reach
one neighbour sooner than the next. Without a topology, what begins together belongs together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import networkx as nx

from chimera.domain import Estate

REACH = 2  # observable nodes from one symptom to the next: one silent node in between
WINDOW = timedelta(minutes=5)  # longer apart, two troubles are two incidents
TOGETHER = timedelta(seconds=90)  # of signals whose services nobody has drawn a line between


@dataclass(frozen=True)
class Sign:
    """One signal as grouping sees it."""

    id: str
    service: str
    began: datetime


@dataclass
class Group:
    """An open incident and where it shows. `incident` is None for one to be opened."""

    incident: str | None
    services: dict[str, datetime] = field(default_factory=dict)  # service: last time it joined
    signs: list[str] = field(default_factory=list)  # those that joined just now


class Neighbourhood:
    """How far apart services are along the ways trouble travels."""

    def __init__(self, estate: Estate) -> None:
        graph: nx.Graph[str] = nx.Graph()
        for node in estate.nodes:
            graph.add_node(node.name)
            for cause in estate.causes_of(node.name):
                # A dataset or a store is a way, not a stop: what passes it costs half on each side.
                silent = {"dataset", "store"}
                other = estate.node(cause)
                half = node.kind in silent or (other is not None and other.kind in silent)
                graph.add_edge(node.name, cause, weight=0.5 if half else 1.0)
        self._known = set(graph)
        self._near: Mapping[str, Mapping[str, float]] = dict(
            nx.all_pairs_dijkstra_path_length(graph, cutoff=REACH, weight="weight")
        )

    def related(self, sign: Sign, group: Group) -> bool:
        """Whether the sign can belong to what the group shows."""
        for service, since in group.services.items():
            apart = abs(sign.began - since)
            if service == sign.service:
                if apart <= WINDOW * 3:
                    return True
            elif service in self._known and sign.service in self._known:
                if apart <= WINDOW and service in self._near[sign.service]:
                    return True
            elif apart <= TOGETHER:
                return True
        return False


def assign(signs: Iterable[Sign], groups: list[Group], near: Neighbourhood) -> list[Group]:
    """Put every sign into an open group it is related to, the oldest first, or into a new one.

    Returns the groups that changed. A sign that joins may bring others with it, so it is repeated
    until nothing moves.
    """
    waiting = sorted(signs, key=lambda sign: sign.began)
    changed: list[Group] = []

    def join(sign: Sign, group: Group) -> None:
        group.services[sign.service] = max(sign.began, group.services.get(sign.service, sign.began))
        group.signs.append(sign.id)
        if group not in changed:
            changed.append(group)

    while waiting:
        left: list[Sign] = []
        for sign in waiting:
            home = next((group for group in groups if near.related(sign, group)), None)
            if home:
                join(sign, home)
            else:
                left.append(sign)
        if len(left) == len(waiting):
            new = Group(incident=None)
            groups.append(new)
            join(left.pop(0), new)
        waiting = left
    return changed
