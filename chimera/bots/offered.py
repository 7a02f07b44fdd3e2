"""Which channels there are: one file in this package adds one."""

from __future__ import annotations

from chimera import bots
from chimera.domain import Channel, Misconfigured
from chimera.domain.discovery import discover
from chimera.platform.settings import Settings
from chimera.platform.store.notes import Notes


def channels(settings: Settings, notes: Notes) -> dict[str, Channel]:
    """Every channel whose settings are there, by name.

    A channel is a class in this package with a `name`, `send(notice)`, and a class method
    `offered(settings, notes)` that answers None when its settings are missing. Raises
    Misconfigured when a module does not load or a name is taken twice.
    """
    found: dict[str, Channel | None] = {}
    for name, kind in discover(bots, Channel).items():
        if not hasattr(kind, "offered"):
            raise Misconfigured(
                f"the channel {name!r} cannot be built; give its class the class method "
                "offered(settings, notes)"
            )
        found[name] = kind.offered(settings, notes)
    return {name: channel for name, channel in found.items() if channel is not None}
