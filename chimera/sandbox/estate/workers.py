"""Bounded workers with a queue in front: where a service saturates."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chimera.sandbox.estate.meters import Meters


class QueueFull(Exception):
    """More work waits than may wait; the caller is told at once."""


class Workers:
    """`size` pieces of work at once, at most `queue` waiting, first come first served."""

    def __init__(self, size: int, queue: int, meters: Meters) -> None:
        self.size = size
        self.queue = queue
        self.busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        meters.gauge("workers_max", "Workers there are").set(size)
        meters.gauge("workers_busy", "Workers that work").set_function(lambda: self.busy)
        meters.gauge("queue_length", "Work that waits").set_function(lambda: len(self._waiting))

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one worker. Raises QueueFull."""
        if self.busy < self.size:
            self.busy += 1
        elif len(self._waiting) >= self.queue:
            raise QueueFull(f"{len(self._waiting)} requests wait already (the queue is full)")
        else:
            await self._turn()
        try:
            yield
        finally:
            self._pass_on()

    async def _turn(self) -> None:
        """Wait in line; whoever finishes hands its worker over, so `busy` stays as it is."""
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(ticket)
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.done() and not ticket.cancelled():
                self._pass_on()
            else:
                self._waiting.remove(ticket)
            raise

    def _pass_on(self) -> None:
        while self._waiting:
            ticket = self._waiting.popleft()
            if not ticket.done():
                ticket.set_result(None)
                return
        self.busy -= 1
