"""When the estate is calm: no signal is abnormal, and has not been for some time."""

from __future__ import annotations

import time

from chimera.flows.membership import harmless
from chimera.platform.store import Store

CALM_SECONDS = 15.0  # what a healing shook shows itself within three scrape intervals


class Calm:
    """Asks the store's memory of signals; a new one for each wait."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since: float | None = None

    async def look(self) -> bool:
        """True once nothing has been abnormal for CALM_SECONDS."""
        now = time.monotonic()
        if not all(harmless(member) for member in await self._store.members(active=True)):
            self._since = None
            return False
        self._since = now if self._since is None else self._since
        return now - self._since >= CALM_SECONDS
