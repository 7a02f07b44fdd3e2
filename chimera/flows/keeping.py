"""What detection has learnt, kept beside the process so that a restart goes on from it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from chimera.detection.learned import Learned
from chimera.detection.learned_saved import loaded, saved
from chimera.platform.store.notes import Notes

SCOPE = "learned"
EVERY = timedelta(minutes=10)  # what is newer than that is learnt again from the window


class KeptLearning:
    """In memory, and in the store now and then: it is far larger than what a look changes of it."""

    def __init__(self, notes: Notes, environment: str) -> None:
        self._notes = notes
        self._environment = environment
        self._learned: Learned | None = None
        self._asked = False
        self._written: datetime | None = None

    async def get(self) -> Learned | None:
        """What the next look goes on from; read from the store once."""
        if not self._asked:
            parts: list[str] = []
            count = int(await self._notes.get(SCOPE, self._key("parts")) or 0)
            for number in range(count):
                parts.append(await self._notes.get(SCOPE, self._key(number)) or "")
            self._learned = await asyncio.to_thread(loaded, parts)
            self._asked = True
        return self._learned

    def _key(self, part: int | str) -> str:
        return f"{self._environment}/{part}"

    async def put(self, learned: Learned | None, now: datetime) -> None:
        """Keep it; written when the last time is long enough ago, and soon after a start."""
        self._learned = learned
        if learned is None or (self._written and now - self._written < EVERY):
            return
        parts = await asyncio.to_thread(lambda: list(saved(learned)))
        for number, part in enumerate(parts):
            await self._notes.put(SCOPE, self._key(number), part)
        await self._notes.put(SCOPE, self._key("parts"), str(len(parts)))
        self._written = now
