"""All services under supervision: each started once what it needs is ready, stopped before it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from chimera.domain.errors import NotFound
from chimera.sandbox.programs.base import Say, silent
from chimera.sandbox.stack.child import Child


class Supervision:
    """The children of one stack, by name. Who is ready is said as one line each."""

    def __init__(self, children: Iterable[Child] = (), say: Say = silent) -> None:
        self._say = say
        self._children = {child.service.name: child for child in children}

    async def start(self) -> None:
        """Start all, side by side as far as what they need allows; the first failure is raised."""
        ready = {name: asyncio.Event() for name in self._children}
        children = self._children.values()
        await _all([asyncio.create_task(self._start_one(child, ready)) for child in children])

    async def _start_one(self, child: Child, ready: Mapping[str, asyncio.Event]) -> None:
        for needed in child.service.after:
            await ready[needed].wait()
        began = time.monotonic()
        await child.start()
        self._say(f"{child.service.name} is ready ({time.monotonic() - began:.1f} s)")
        ready[child.service.name].set()

    async def stop(self) -> None:
        """Stop each once all that need it have stopped."""
        children = self._children
        down = {name: asyncio.Event() for name in children}

        async def stop_one(name: str) -> None:
            for other, child in children.items():
                if name in child.service.after:
                    await down[other].wait()
            await children[name].stop()
            down[name].set()

        await asyncio.gather(*(stop_one(name) for name in children))

    def child(self, name: str) -> Child:
        """One of them. Raises NotFound."""
        if name not in self._children:
            there = ", ".join(self._children) or "none"
            raise NotFound(f"the stack has no service {name!r}; it has: {there}")
        return self._children[name]

    @property
    def states(self) -> dict[str, str]:
        """Every service and its state: starting, ready, down, held, stopped."""
        return {name: child.state for name, child in self._children.items()}

    @property
    def pids(self) -> dict[str, int]:
        """The process of every service that runs."""
        return {name: child.pid for name, child in self._children.items() if child.pid}

    @property
    def logs(self) -> tuple[Path, ...]:
        """The log file of every service."""
        return tuple(child.log for child in self._children.values())


async def _all(starts: list[asyncio.Task[None]]) -> None:
    """Wait for all; the first failure cancels the others and is raised."""
    try:
        await asyncio.gather(*starts)
    except BaseException:
        for start in starts:
            start.cancel()
        await asyncio.gather(*starts, return_exceptions=True)
        raise
