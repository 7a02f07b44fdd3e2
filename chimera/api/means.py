"""What the routes stand on, handed in by whoever builds the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from chimera.domain import Approval, Order, Plan, Principal, RunbookCard, Sway, Veto
from chimera.flows.hearing import Wish
from chimera.platform.identity.people import People
from chimera.platform.pictures.gallery import Form, Shown
from chimera.platform.settings import Settings
from chimera.platform.store.moves import Moved
from chimera.platform.store.store import Store

Probe = Callable[[], Awaitable[object]]
"""Asks something Chimera stands on whether it is there; raises when it is not."""


class Desk(Protocol):
    """What people do: `chimera.flows.desk.Desk`."""

    async def acknowledge(self, incident_id: str, who: Principal) -> Any: ...

    async def resolve(self, incident_id: str, who: Principal, note: str) -> Any: ...

    async def answer(
        self, order_id: str, plan_hash: str, granted: bool, note: str, who: Principal
    ) -> Approval: ...

    async def run_runbook(
        self,
        name: str,
        parameters: dict[str, str],
        target: str,
        reason: str,
        who: Principal,
        dry_run: bool = False,
    ) -> Order | Plan: ...

    async def pause(self, environment: str, reason: str, who: Principal) -> Any: ...

    async def resume(self, environment: str, who: Principal) -> Any: ...

    async def status(self) -> dict[str, Any]: ...

    async def silence(self, wish: Wish, who: Principal, dry_run: bool = False) -> Order | Plan: ...

    async def lift(self, silence_id: str, who: Principal) -> Order: ...

    async def hushed(self) -> list[str]: ...

    async def sways(self) -> list[Sway]: ...

    async def feedback(self, subject: str, useful: bool, who: Principal) -> Sway: ...

    async def unvote(self, subject: str, who: Principal) -> None: ...

    async def veto(
        self, incident_id: str, who: Principal, target: str = "", note: str = ""
    ) -> Veto: ...

    async def hand_over(
        self, incident_id: str, to: str, note: str, who: Principal, dry_run: bool = False
    ) -> str: ...

    async def unveto(self, incident_id: str, who: Principal) -> None: ...

    async def restore_trust(
        self, runbook: str, environment: str, who: Principal, note: str = ""
    ) -> None: ...

    async def merge(self, source: str, into: str, who: Principal) -> Moved: ...

    async def split(self, source: str, service: str, who: Principal) -> Moved: ...


class Gallery(Protocol):
    """The pictures of incidents: `chimera.platform.pictures.gallery.Gallery`."""

    async def of(self, incident: str) -> list[Shown]: ...

    async def draw(self, incident: str, anomaly_id: str, form: Form) -> bytes: ...


@dataclass(frozen=True)
class Means:
    """Everything a route may need. `probes` are asked by /-/ready, by their names."""

    settings: Settings
    store: Store
    desk: Desk
    people: People
    cards: Mapping[str, RunbookCard] = field(default_factory=dict)
    probes: Mapping[str, Probe] = field(default_factory=dict)
    gallery: Gallery | None = None


def means(request: Request) -> Means:
    found: Means = request.app.state.means
    return found


def signed_in(request: Request) -> Principal:
    """Who asks. The gate put it there before any route ran; a request's body never names anybody."""
    who: Principal = request.scope["chimera.principal"]
    return who


Use = Annotated[Means, Depends(means)]
Who = Annotated[Principal, Depends(signed_in)]
