"""Who somebody is and what they are told."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from chimera.domain.base import Value


class Principal(Value):
    """A person or program whose identity was verified; never taken from a message's text."""

    id: str
    name: str = ""
    roles: tuple[str, ...] = ()  # viewer, operator, approver, admin
    via: str = "api"

    def has(self, *roles: str) -> bool:
        return "admin" in self.roles or any(role in self.roles for role in roles)


CHIMERA = Principal(id="chimera", name="Chimera", roles=("agent",), via="internal")


class Notice(Value):
    """One message to people, written once and rendered by each channel.

    `id` is its idempotency key: a channel that has sent it does not send it again.
    """

    id: str
    incident: str
    kind: Literal["opened", "update", "approval", "outcome", "resolved", "page", "picture"]
    title: str
    text: str
    phase: str = ""
    severity: str = "ticket"
    priority: str = ""
    impact: str = ""  # why it has that priority
    marks: tuple[str, ...] = ()  # what holds for the incident: silenced, flapping, a freeze
    signal: str = ""  # the leading one, with its service: what buttons speak of
    service: str = ""
    cause: str = ""  # what is to blame, as far as is known
    fields: dict[str, str] = Field(default_factory=dict)
    order_id: str | None = None  # with `approval`: what they may approve
    plan_hash: str | None = None
    close_code: str | None = None
    links: dict[str, str] = Field(default_factory=dict)
    picture: str = ""  # with `picture`: the anomaly that it shows
    at: datetime


class Picture(Value):
    """What a `picture` notice shows, as PNG."""

    name: str  # of the file; the same picture of the same anomaly has the same name
    title: str  # also for those who cannot see it
    content: bytes
