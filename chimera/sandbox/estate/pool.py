"""A bounded connection pool with generations: it can be replaced while the service runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Generic, TypeVar

from chimera.sandbox.estate.meters import Meters

C = TypeVar("C")


class PoolExhausted(Exception):
    """No connection became free in time."""


class _Generation(Generic[C]):
    def __init__(self, size: int) -> None:
        self.free: asyncio.LifoQueue[C | None] = asyncio.LifoQueue()
        self.all: list[C] = []
        self.lent = 0
        self.closed = False
        for _ in range(size):
            self.free.put_nowait(None)  # a place; its connection is opened when first needed


class Pool(Generic[C]):
    """Lends at most `size` connections. `recycle` closes all of them, lent ones too."""

    def __init__(
        self,
        size: int,
        opener: Callable[[], Awaitable[C]],
        closer: Callable[[C], Awaitable[None]],
        meters: Meters,
    ) -> None:
        self.size = size
        self.number = 0
        self.waiting = 0
        self._open, self._close = opener, closer
        self._now: _Generation[C] = _Generation(size)
        self._leaks: list[tuple[C, _Generation[C]]] = []
        meters.gauge("pool_connections_max", "Connections the pool may lend").set(size)
        meters.gauge("pool_connections_in_use", "Connections lent").set_function(
            lambda: self._now.lent
        )
        meters.gauge("pool_waiting", "Requests that wait for one").set_function(
            lambda: self.waiting
        )

    @asynccontextmanager
    async def connection(self, timeout: float) -> AsyncIterator[C]:
        """Borrow one for a while. Raises PoolExhausted after `timeout` seconds."""
        lent, home = await self._take(timeout)
        healthy = False
        try:
            yield lent
            healthy = True
        finally:
            await self._give_back(lent, home, healthy)

    async def leak(self) -> bool:
        """Take a connection and never return it; False when none is free."""
        try:
            self._leaks.append(await self._take(0.05))
        except PoolExhausted:
            return False
        return True

    async def recycle(self) -> int:
        """A fresh generation of connections; the old ones are closed, whoever holds them."""
        old, self._now = self._now, _Generation(self.size)
        self.number += 1
        old.closed = True
        self._leaks.clear()
        for connection in old.all:
            with suppress(Exception):  # a connection that is broken already is as good as closed
                await self._close(connection)
        return self.number

    async def _take(self, timeout: float) -> tuple[C, _Generation[C]]:
        home = self._now
        self.waiting += 1
        try:
            held = await asyncio.wait_for(home.free.get(), timeout)
        except TimeoutError:
            raise PoolExhausted(
                f"no connection became free within {timeout * 1000:.0f} ms "
                f"({home.lent} of {self.size} are in use)"
            ) from None
        finally:
            self.waiting -= 1
        home.lent += 1
        if held is None:
            try:
                held = await self._open()
            except BaseException:
                home.lent -= 1
                home.free.put_nowait(None)
                raise
            home.all.append(held)
        return held, home

    async def _give_back(self, lent: C, home: _Generation[C], healthy: bool) -> None:
        home.lent -= 1
        if healthy or home.closed:
            home.free.put_nowait(lent)
            return
        home.all.remove(lent)
        home.free.put_nowait(None)
        with suppress(Exception):
            await self._close(lent)
