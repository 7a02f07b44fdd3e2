"""What people must know beside an open incident: silenced, in maintenance, frozen, flapping, muted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chimera.detection.holding import Holds, Odd
from chimera.domain import Estate, Incident, Sway, data_nodes
from chimera.flows.membership import began, felt, labels_of, series, signal_of
from chimera.platform.settings import Freeze
from chimera.platform.store import Member, OrderRecord

FLAPS = 3  # times a signal began within the window: from then on it flaps
DAMPED = 6  # what an incident's workflow takes for the worst flapper: the longest quiet is asked


def odd(member: Member, environment: str) -> Odd:
    """A signal as silences and windows see it."""
    return Odd(
        service=member.service,
        signal=signal_of(member),
        environment=member.body.get("environment") or environment,
        began=began(member),
        felt=felt(member),
        labels=labels_of(member),
    )


@dataclass(frozen=True)
class Shake:
    """A change of Chimera's own, and the nodes that its restarts and proofs may stir until it is
    proved or undone."""

    nodes: frozenset[str]
    begun: datetime
    ended: datetime

    def stirs(self, member: Member) -> bool:
        here = {member.service, *data_nodes(labels_of(member))}
        return self.begun <= began(member) <= self.ended and not here.isdisjoint(self.nodes)


def shakes(orders: Iterable[OrderRecord], estate: Estate, now: datetime) -> tuple[Shake, ...]:
    """Those of the orders that have changed something, or are about to."""
    found = []
    for record in orders:
        order, outcome = record.order, record.outcome
        if record.state != "running" and (
            outcome is None or outcome.status in ("refused", "proposed")
        ):
            continue
        found.append(
            Shake(
                frozenset((order.target, *estate.felt_by(order.target))),
                record.approval.at if record.approval else order.created,
                outcome.at if outcome else now,
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Returns:
    """How often each series began within the window, over all incidents.

    What begins while a repair is at work is the repair's doing, and no sign of a signal that comes
    and goes by itself.
    """

    count: Counter[tuple[str, ...]]
    shaken: tuple[Shake, ...] = ()

    @classmethod
    def of(cls, members: Iterable[Member], shaken: tuple[Shake, ...] = ()) -> Returns:
        return cls(Counter(series(m) for m in _unstirred(members, shaken)), shaken)

    def within(self, members: Iterable[Member]) -> int:
        """How often the signals of one incident came back."""
        counted = _unstirred(members, self.shaken)
        return len(counted) - len({series(m) for m in counted})

    def flapping(self, members: Iterable[Member]) -> list[tuple[int, Member]]:
        """Each signal that flaps, with how often it began; the worst first."""
        newest = {series(m): m for m in members}
        found = [(self.count[name], m) for name, m in newest.items() if self.count[name] >= FLAPS]
        return sorted(found, key=lambda pair: -pair[0])

    def damping(self, members: Iterable[Member]) -> int:
        return DAMPED if self.flapping(members) else 0


def _unstirred(members: Iterable[Member], shaken: tuple[Shake, ...]) -> list[Member]:
    return [m for m in members if not any(shake.stirs(m) for shake in shaken)]


@dataclass(frozen=True)
class Marks:
    """What holds at one moment, for every incident."""

    holds: Holds
    environment: str
    freezes: Sequence[Freeze]
    sways: Sequence[Sway]
    returns: Returns

    def on(self, incident: Incident, members: Sequence[Member]) -> tuple[str, ...]:
        """One line each, the same from look to look while nothing changes."""
        active = [m for m in members if m.active]
        said: dict[str, None] = {}
        if self.holds.silences:
            for member in active:
                for silence in self.holds.matching(odd(member, self.environment)):
                    said[str(silence)] = None
        for service in dict.fromkeys(m.service for m in members):
            for planned, (_, ends) in self.holds.windows(service):
                said[f"{service} is in maintenance until {clock(ends)}: {planned.reason}"] = None
        for freeze in self.freezes:
            place = freeze.environment in ("*", incident.environment)
            if place and freeze.begins <= self.holds.at < freeze.ends:
                said[f"change freeze until {clock(freeze.ends)}: {freeze.reason}"] = None
        for times, member in self.returns.flapping(members)[:3]:
            # Round numbers, so that nobody is told of each single return.
            least = max(n for n in (3, 5, 10, 20, 50, 100, 1000) if n <= times)
            name = f"{signal_of(member)} of {member.service}"
            said[f"flapping: {name} began {least} times or more in half an hour"] = None
        kinds = {(signal_of(m), m.service) for m in members}
        for sway in self.sways:
            if (sway.signal, sway.service) in kinds and sway.not_useful:
                said[f"feedback: {sway}"] = None
        return tuple(said)


def clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
