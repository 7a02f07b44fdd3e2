"""Handing an incident to a person or a team: from then on it is theirs, and Chimera only watches."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from chimera.domain import Estate, NotFound, Phase, Principal, Refused
from chimera.flows.hearing import need
from chimera.flows.incident import IncidentWorkflow
from chimera.flows.incident_state import Handing
from chimera.platform.access.similar import or_near
from chimera.platform.store import Store

ANYBODY = {  # who is meant without a name
    "on call": "on call", "oncall": "on call", "on-call": "on call", "next shift": "the next shift",
    "the next shift": "the next shift", "person": "a person", "a person": "a person",
    "human": "a person", "a human": "a person", "somebody": "a person", "someone": "a person",
}  # fmt: skip


class HandingOver(ABC):
    """The part of the desk that gives incidents to people; it takes the role operator or approver."""

    _store: Store
    _people: Callable[[], Mapping[str, str]] = staticmethod(dict)  # id -> name
    _teams: tuple[str, ...] = ()

    @abstractmethod
    async def _signal(self, incident_id: str, signal: Any, argument: Any) -> None: ...

    async def hand_over(
        self, incident_id: str, to: str, note: str, who: Principal, dry_run: bool = False
    ) -> str:
        """Say that somebody has it from here; nobody named: whoever says so. Who that is.

        Chimera starts no further repair of it, goes on watching and closes it when it is over; all
        channels are told. With `dry_run` only the name is looked up.
        Raises NotAllowed, Refused for what is resolved, NotFound for a name that nobody has.
        """
        need(who, "operator", "approver", to=f"hand over {incident_id}")
        incident = await self._store.incident(incident_id)
        if incident.phase is Phase.RESOLVED:
            raise Refused(f"{incident_id} is resolved already")
        taker = taken_by(to, who, self._people(), self._teams)
        if not dry_run:
            handing = Handing(by=who.id, to=taker, note=note)
            await self._signal(incident_id, IncidentWorkflow.hand_over, handing)
        return taker


def taken_by(to: str, who: Principal, people: Mapping[str, str], teams: tuple[str, ...]) -> str:
    """The person or the team that is meant. Raises NotFound, with names that are like it."""
    said = to.strip().lower().lstrip("@")
    if said in ("", "me", "myself"):
        return who.id
    if said in ANYBODY:
        return ANYBODY[said]
    plain = said.removeprefix("the ")
    for one, name in people.items():
        if plain in (one.lower(), name.lower(), name.lower().split(" ")[0]):
            return one
    for team in teams:
        short = team.lower().removesuffix("-team")
        if plain in (team.lower(), short, f"{short} team", f"{short}-team"):
            return team
    raise NotFound(f"there is no person or team called {to!r}{or_near(plain, (*people, *teams))}")


def owners(estate: Estate) -> tuple[str, ...]:
    """The teams that own something, each once."""
    return tuple(dict.fromkeys(node.owner for node in estate.nodes if node.owner))
