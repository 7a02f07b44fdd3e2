"""What can go wrong inside a process: really burnt CPU, really held memory, really written bytes.

Passing ailments live and die with the process. Lasting ones (`keep`) come again with the next
process, since the controller's wish names them: a restart does not cure them.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from chimera.sandbox.estate.logs import JsonLog
from chimera.sandbox.estate.quota import Quota

Numbers = dict[str, float]
BLOCK = 256 * 1024


class Ailments:
    """The troubles this process has just now, by name."""

    def __init__(self, log: JsonLog, quota: Quota, growth: int, chance: random.Random) -> None:
        self._log, self._quota, self._growth, self._random = log, quota, growth, chance
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._held: list[mmap.mmap] = []
        self._lasting: set[str] = set()
        self.error_share = 0.0
        self.leak_connection: Callable[[], Awaitable[bool]] | None = None

    @property
    def active(self) -> list[str]:
        return sorted(name for name, task in self._tasks.items() if not task.done())

    def begin(self, name: str, numbers: Numbers) -> None:
        """Start one. Raises KeyError for a name that is not known."""
        kinds: dict[str, Callable[[Numbers], Coroutine[Any, Any, None]]] = {
            "cpu": self._burn,
            "memory": self._hoard,
            "pool": self._leak,
            "dump": self._dump,
            "errors": self._fail,
        }
        self.end(name)
        self._tasks[name] = asyncio.get_running_loop().create_task(kinds[name](numbers))

    def end(self, name: str) -> None:
        if task := self._tasks.pop(name, None):
            task.cancel()
        if name == "memory":
            while self._held:
                self._held.pop().close()
        if name == "errors":
            self.error_share = 0.0

    def keep(self, lasting: dict[str, Numbers]) -> None:
        """Have exactly these lasting ones."""
        for name in self._lasting - set(lasting):
            self.end(name)
        for name in set(lasting) - self._lasting:
            self.begin(name, lasting[name])
        self._lasting = set(lasting)

    async def close(self) -> None:
        for name in list(self._tasks):
            self.end(name)

    async def stall(self) -> None:
        """Memory pressure as a request feels it: the nearer to the limit, the longer the pause."""
        pressure = len(self._held) * BLOCK / self._growth
        if pressure > 0.4:
            await asyncio.sleep(0.9 * (pressure - 0.4))

    async def _burn(self, numbers: Numbers) -> None:
        """Keep the event loop busy for a share of the time, in stretches of `stretch` seconds."""
        share = min(0.9, max(0.05, numbers["share"]))
        stretch = numbers["stretch"]
        while True:
            began, used = time.monotonic(), time.thread_time()
            while time.thread_time() - used < stretch and time.monotonic() - began < 2 * stretch:
                sum(range(2000))
            await asyncio.sleep(stretch * (1 - share) / share)

    async def _hoard(self, numbers: Numbers) -> None:
        """Allocate memory and keep it; at the limit the process is killed, as the kernel would."""
        pause = BLOCK / numbers["bytes_per_second"]
        while True:
            block = mmap.mmap(-1, BLOCK)  # closed, it goes back at once: a heap would keep it
            block[::4096] = b"x" * (BLOCK // 4096)  # touch each page, or it costs nothing
            self._held.append(block)
            if len(self._held) * BLOCK >= self._growth:
                self._log.error("out of memory: the process is over its limit and is killed")
                os._exit(137)
            await asyncio.sleep(pause)

    async def _leak(self, numbers: Numbers) -> None:
        """Borrow a connection now and then and forget to return it."""
        while self.leak_connection is not None:
            await self.leak_connection()
            await asyncio.sleep(numbers["seconds_each"])

    async def _dump(self, numbers: Numbers) -> None:
        """Write debug dumps until the disk is full, or until all of it has been written."""
        number, chunk = 0, b"DEBUG request dump " + b"." * 1005 + b"\n"
        folder = self._quota.folder / "dumps"
        folder.mkdir(exist_ok=True)
        done = self._quota.folder / "dumped"  # survives a restart: the rest is still to come
        written = int(done.read_text()) if done.exists() else 0
        newest: Path | None = None
        while written < numbers["bytes"]:
            if moved_away(newest):
                self._log.warning("the debug dump was moved away: the dump ends")
                done.write_text(str(int(numbers["bytes"])))
                return
            size = int(numbers["bytes_per_second"] / 2) // len(chunk) + 1
            room = max(0, self._quota.limit - self._quota.used) // len(chunk)
            if room:
                path = folder / f"debug-{int(time.time())}-{number}.log"
                path.write_bytes(chunk * min(size, room))
                newest = path
                written += min(size, room) * len(chunk)
                self._quota.measure()
                done.write_text(str(written))
                number += 1
            elif self._quota.used < self._quota.limit:  # the last bytes: full means full
                rest = self._quota.limit - self._quota.used
                (folder / f"debug-{int(time.time())}-{number}.log").write_bytes(b"." * rest)
                self._quota.measure()
                written = int(numbers["bytes"])
                done.write_text(str(written))
            await asyncio.sleep(0.5)

    async def _fail(self, numbers: Numbers) -> None:
        """Answer a share of all requests with an error, for a while."""
        self.error_share = numbers["share"]
        try:
            await asyncio.sleep(numbers["seconds"])
        finally:
            self.error_share = 0.0

    def unlucky(self) -> bool:
        return self.error_share > 0 and self._random.random() < self.error_share


def moved_away(path: Path | None) -> bool:
    return path is not None and not path.exists()
