"""Fences: once an order's fence has answered, nothing of the order is under way or can start."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from chimera.domain import Effect
from chimera.sandbox.estate.records import Records


class Fences:
    """Who may pass, and who is still under way; the fences themselves are kept in the records."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._under_way: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def passing(self, effect: Effect) -> Iterator[bool]:
        """Whether an effect may go on; a fence of its order waits for the end of the block.

        The way back is always open: whoever fences an order undoes it next.
        """
        if effect.key.endswith("#rollback"):
            yield True
            return
        if self._records.fenced(effect.order_id):
            yield False
            return
        ended = asyncio.Event()
        self._under_way[effect.order_id].add(ended)  # nothing is awaited since the look
        try:
            yield True
        finally:
            ended.set()
            self._under_way[effect.order_id].discard(ended)
            if not self._under_way[effect.order_id]:
                del self._under_way[effect.order_id]

    async def put_up(self, order_id: str) -> None:
        """Let nothing of an order start from here on, and wait for what is under way."""
        self._records.fence(order_id)
        for ended in tuple(self._under_way.get(order_id, ())):
            await ended.wait()
