"""Which signals belong to one incident: by topology, time and likeness. Pure; the grouper's whole judgement.

Two signals belong together when their services do: the same service, or near enough along the ways
that trouble travels (callee to caller, upstream data to downstream) that one can explain the other.
A service in between that shows nothing breaks the chain unless it is the only gap: symptoms reach
one neighbour sooner than the next. Without a topology, what begins together belongs together.
"""

from __future__ import annotations

from collections import defaultdict
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
    what: str = ""  # the signal's name: like ones belong together sooner


@dataclass
class Group:
    """An open incident and where it shows. `incident` is None for one to be opened."""

    incident: str | None
    services: dict[str, datetime] = field(
        default_factory=dict
    )  # service: last time one began there
    # service: from when to when it has been abnormal without an end; a slow fault stays one
    lasting: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    signs: list[str] = field(default_factory=list)  # those that joined just now
    alike: set[tuple[str, str]] = field(default_factory=set)  # (service, signal) that it shows

    def apart(self, service: str, moment: datetime) -> timedelta:
        """How long before or after the service's trouble a moment is; zero while it lasts."""
        since = self.services[service]
        first, last = self.lasting.get(service, (since, since))
        return max(min(first, since) - moment, moment - max(last, since), timedelta(0))


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
        self.known = frozenset(graph)
        self._near: Mapping[str, Mapping[str, float]] = dict(
            nx.all_pairs_dijkstra_path_length(graph, cutoff=REACH, weight="weight")
        )

    def of(self, service: str) -> Iterable[str]:
        """The service and those near enough to share its trouble."""
        return self._near.get(service, (service,))

    def related(self, sign: Sign, group: Group) -> bool:
        """Whether the sign can belong to what the group shows."""
        for service, since in group.services.items():
            if service == sign.service:
                if group.apart(service, sign.began) <= WINDOW * 3:
                    return True
            elif service in self.known and sign.service in self.known:
                if (
                    service in self._near[sign.service]
                    and group.apart(service, sign.began) <= WINDOW
                ):
                    return True
            # Nobody knows how these hang together, so that one lasts says nothing of the other.
            # The same signal of another may come later: one rollout, one rule, goes round.
            elif abs(sign.began - since) <= (
                WINDOW if sign.what and (service, sign.what) in group.alike else TOGETHER
            ):
                return True
        return False


class _Places:
    """Numbers by service and time: finds the few that are worth comparing among thousands."""

    def __init__(self, near: Neighbourhood) -> None:
        self._near = near
        self._at: defaultdict[str, set[int]] = defaultdict(set)
        self._when: defaultdict[tuple[bool, int], set[int]] = defaultdict(set)

    def add(self, number: int, service: str, when: datetime) -> None:
        self._at[service].add(number)
        self._when[service in self._near.known, _slot(when)].add(number)

    def drop(self, number: int, service: str, when: datetime) -> None:
        self._at[service].discard(number)
        self._when[service in self._near.known, _slot(when)].discard(number)

    def close_to(self, service: str, when: datetime) -> set[int]:
        """All that may be related to a sign there and then, and some that are not."""
        found: set[int] = set()
        for name in self._near.of(service):
            found |= self._at.get(name, set())
        # Two services of the topology are compared by it; time decides between all others.
        for known in (False,) if service in self._near.known else (False, True):
            for slot in range(_slot(when - WINDOW), _slot(when + WINDOW) + 1):
                found |= self._when.get((known, slot), set())
        return found


class _Homes:
    """The groups, and which of them a sign belongs to."""

    def __init__(self, groups: list[Group], near: Neighbourhood) -> None:
        self._groups = groups
        self._near = near
        self._places = _Places(near)
        self._changed: dict[int, Group] = {}
        for number, group in enumerate(groups):
            for service, when in group.services.items():
                self._places.add(number, service, when)

    def of(self, sign: Sign) -> int | None:
        """The group that the sign is related to: that has the same signal of the same service,
        else the same service, else the oldest. What a person split stays split."""
        near = sorted(self._places.close_to(sign.service, sign.began))
        home = None
        for number in near:
            group = self._groups[number]
            if not self._near.related(sign, group):
                continue
            if sign.what and (sign.service, sign.what) in group.alike:
                return number
            if home is None or (
                sign.service in group.services and sign.service not in self._groups[home].services
            ):
                home = number
        return home

    def join(self, sign: Sign, number: int) -> None:
        group = self._groups[number]
        group.services[sign.service] = max(sign.began, group.services.get(sign.service, sign.began))
        if sign.what:
            group.alike.add((sign.service, sign.what))
        self._places.add(number, sign.service, group.services[sign.service])
        self.attach(sign, number)

    def attach(self, sign: Sign, number: int) -> None:
        """Put a sign into a group without letting it draw others in."""
        self._groups[number].signs.append(sign.id)
        self._changed[number] = self._groups[number]

    def open(self, sign: Sign) -> None:
        self._groups.append(Group(incident=None))
        self.join(sign, len(self._groups) - 1)

    def changed(self) -> list[Group]:
        return list(self._changed.values())


def assign(
    signs: Iterable[Sign], groups: list[Group], near: Neighbourhood, weak: Iterable[Sign] = ()
) -> list[Group]:
    """Put every sign into an open group it is related to, the oldest first, or into a new one.

    Returns the groups that changed; new ones are added to `groups`. A sign that joins may bring
    others with it, so those near it are looked at again until nothing moves. A `weak` sign joins a
    group that is there, and neither opens one nor brings others.
    """
    waiting = dict(enumerate(sorted(signs, key=lambda sign: sign.began)))
    places = _Places(near)
    for number, sign in waiting.items():
        places.add(number, sign.service, sign.began)
    homes = _Homes(groups, near)

    def place(number: int) -> Sign:
        sign = waiting.pop(number)
        places.drop(number, sign.service, sign.began)
        return sign

    def around(moved: list[Sign]) -> list[int]:
        spots = {(sign.service, _slot(sign.began)): sign.began for sign in moved}
        close = (places.close_to(service, when) for (service, _), when in spots.items())
        return sorted(set[int]().union(*close))

    again = list(waiting)
    while waiting:
        moved: list[Sign] = []
        for number in again:
            if (home := homes.of(waiting[number])) is not None:
                moved.append(place(number))
                homes.join(moved[-1], home)
        if not moved:
            moved.append(place(next(iter(waiting))))
            homes.open(moved[0])
        again = around(moved)
    for sign in weak:
        if (home := homes.of(sign)) is not None:
            homes.attach(sign, home)
    return homes.changed()


def _slot(when: datetime) -> int:
    return int(when.timestamp() // TOGETHER.total_seconds())
