"""What every channel needs to write once: where it stands, and one writer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from chimera.platform.store.notes import Notes, installation


class Delivery:
    """The durable memory of one channel: what was sent, and under which names.

    Scopes are the channel's name, so that channels never read each other's notes.
    """

    def __init__(self, channel: str, notes: Notes) -> None:
        self._scope = f"channel:{channel}"
        self._notes = notes
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def alone(self, incident: str) -> AsyncIterator[None]:
        """Notices of one incident one after another: they share a ticket, a thread."""
        lock = self._locks.setdefault(incident, asyncio.Lock())
        async with lock:
            yield

    async def get(self, key: str) -> str | None:
        return await self._notes.get(self._scope, key)

    async def put(self, key: str, value: str) -> None:
        await self._notes.put(self._scope, key, value)

    async def correlation(self, incident: str) -> str:
        """The incident's name outside: incident numbers start again in a new store, these do not."""
        return f"chimera-{await installation(self._notes)}-{incident}"
