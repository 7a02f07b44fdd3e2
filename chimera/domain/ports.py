"""Protocols that point upwards: what lower rooms need and higher rooms or `main` provide."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol, runtime_checkable

from pydantic import Field

from chimera.domain.base import Value
from chimera.domain.people import Notice, Picture


@runtime_checkable
class Channel(Protocol):
    """Somewhere people read. Raise Unavailable to be retried, Refused to give up."""

    name: ClassVar[str]

    async def send(self, notice: Notice) -> str | None:
        """Deliver once; return a reference (a ticket number, a link) if the channel has one."""
        ...


@runtime_checkable
class ShowsPictures(Protocol):
    """A channel that can put a picture beside what it told of an incident."""

    async def show(self, notice: Notice, picture: Picture) -> None:
        """Show it once. Raises Unavailable while the incident's own place is not there yet."""
        ...


class Effect(Value):
    """One change to one target.

    `key` is the idempotency key (`<order's mark>` for apply, `<order's mark>#rollback` for the way
    back): the same key twice is one effect. `order_id` is the order's mark, which fences go by.
    """

    key: str
    order_id: str
    verb: Literal[
        "restart",
        "scale",
        "set_release",
        "set_configuration",
        "recycle_pool",
        "quarantine_files",
        "quarantine_record",
        "restore_quarantine",
        "quarantine_batch",
        "deduplicate",
        "merge_late",
        "retrain_model",
        "set_model",
        "renew_credential",
        "pause_schedule",
        "silence",
        "lift_silence",
    ]
    target: str
    arguments: dict[str, str] = Field(default_factory=dict)


class TargetState(Value):
    """What an actuator knows of a target, for precheck and rollback."""

    name: str
    exists: bool = True
    replicas: int = 1
    max_replicas: int = 1
    release: str = ""
    previous_release: str | None = None
    configuration: dict[str, str] = Field(default_factory=dict)
    # Values before the last change of each key.
    previous_configuration: dict[str, str] = Field(default_factory=dict)
    details: dict[str, str] = Field(default_factory=dict)


class Actuator(Protocol):
    """The hands. One ships: the practice estate's process controller, over HTTP.

    docs/extending.md tells what one of one's own must keep.
    """

    async def state(self, target: str) -> TargetState:
        """Read a target. Raises NotFound, Unavailable."""
        ...

    async def perform(self, effect: Effect) -> dict[str, str]:
        """Change it once for each key; return what rollback needs. A fenced order is a no-op."""
        ...

    async def fence(self, order_id: str) -> None:
        """When it returns, no apply of this order is under way, and one that comes late does nothing."""
        ...

    async def effects(self, order_id: str) -> dict[str, dict[str, str]]:
        """What was really done for an order: key to the result of `perform`."""
        ...
