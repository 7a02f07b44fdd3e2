"""Starts, replaces and supervises the processes, so that what runs is what is wished."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from chimera.domain import Unavailable
from chimera.sandbox.estate.desired import Desired, Wiring
from chimera.sandbox.stack import leash
from chimera.sandbox.stack.logs import last_words

START_SECONDS = 80.0


@dataclass
class Running:
    """One process, and the door through which the controller speaks to it."""

    instance: str
    generation: int
    process: asyncio.subprocess.Process
    door: int = 0
    leaving: bool = False


class Fleet:
    """All processes of the estate. `lost` is called when one dies on its own and is back."""

    def __init__(self, wiring: Wiring, secret: str, lost: Callable[[str], Any]) -> None:
        self.wiring = wiring
        self._secret, self._lost = secret, lost
        self.seats: dict[str, Running] = {}
        self._everyone: set[asyncio.subprocess.Process] = set()
        self._watches: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None
        self._wishes: dict[str, Desired] = {}
        self.stopping = False

    async def converge(self, wish: Desired) -> None:
        """Make it so: rolling, the new process answers before the old one leaves."""
        self._wishes[wish.service] = wish
        for number in range(wish.replicas):
            instance = f"{wish.service}-{number}"
            now = self.seats.get(instance)
            if now is None or now.generation != wish.generation:
                fresh = await self._start(wish, number)
                self.seats[instance] = fresh
                if now is not None:
                    await self._drain(now)
        number = wish.replicas
        while (instance := f"{wish.service}-{number}") in self.seats:
            await self._drain(self.seats.pop(instance))
            number += 1
        await self.tell(wish.service, "reload", {})

    async def tell(self, service: str, what: str, words: dict[str, Any]) -> list[Any]:
        """Say something to every process of a service; those that cannot hear are left out."""
        said = []
        for running in self._of(service):
            with suppress(aiohttp.ClientError, TimeoutError):
                said.append(await self._post(running, what, words))
        return said

    async def ask(self, service: str, name: str, arguments: dict[str, Any]) -> dict[str, str]:
        """Have the first process of a service carry out a command. Raises Unavailable, ValueError."""
        for running in self._of(service):
            try:
                said = await self._post(running, "command", {"name": name, "arguments": arguments})
            except (aiohttp.ClientError, TimeoutError):
                continue
            if said.get("later"):
                raise Unavailable(service, f"carry out {name}", said["error"])
            if "error" in said:
                raise ValueError(said["error"])
            return {key: str(value) for key, value in said.items()}
        raise Unavailable(service, f"carry out {name}", "none of its processes answers")

    async def details(self, service: str) -> dict[str, str]:
        """What the service's processes tell of themselves; the first one speaks for all."""
        for running in self._of(service):
            with suppress(aiohttp.ClientError, TimeoutError):
                url = f"http://127.0.0.1:{running.door}/details"
                async with self.http.get(url, headers=self._headers) as answer:
                    found: dict[str, str] = await answer.json()
                    return found
        return {}

    def alive(self, service: str) -> int:
        return sum(1 for r in self._of(service) if r.process.returncode is None)

    @property
    def http(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=30),
                connector=aiohttp.TCPConnector(force_close=True),
            )
        return self._http

    @property
    def _headers(self) -> dict[str, str]:
        return {"x-controller": self._secret}

    def _of(self, service: str) -> list[Running]:
        return [r for name, r in sorted(self.seats.items()) if name.rsplit("-", 1)[0] == service]

    async def _post(self, running: Running, what: str, words: dict[str, Any]) -> Any:
        url = f"http://127.0.0.1:{running.door}/{what}"
        async with self.http.post(url, json=words, headers=self._headers) as answer:
            return await answer.json()

    async def _start(self, wish: Desired, number: int) -> Running:
        """Start one process and wait until it answers. Raises Unavailable."""
        home, instance = self.wiring.home, f"{wish.service}-{number}"
        ready = home / "run" / f"{instance}.{wish.generation}.ready"
        ready.unlink(missing_ok=True)
        said = home / "logs" / f"{instance}.out"
        out = said.open("ab")
        try:
            process = await asyncio.create_subprocess_exec(
                # The leash: when the controller dies, however it dies, so does this process.
                *(sys.executable, "-I", "-S", str(Path(leash.__file__))),
                *(str(os.getpid()), str(int(signal.SIGTERM)), "-1", "-1"),
                *(sys.executable, "-m", "chimera.sandbox.estate.run", wish.service),
                *("--number", str(number), "--generation", str(wish.generation)),
                *("--home", str(home)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={
                    **os.environ,
                    "CHIMERA_ESTATE_DOOR": self._secret,
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                },
            )
        finally:
            out.close()
        self._everyone.add(process)
        running = Running(instance, wish.generation, process)
        try:
            async with asyncio.timeout(START_SECONDS):
                while not ready.exists():
                    if process.returncode is not None:
                        words = last_words(said, 1) or f"it ended with {process.returncode}"
                        raise Unavailable(instance, "start", f"{words} (log: {said})")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            process.kill()
            why = f"not ready in {START_SECONDS:.0f} s (log: {said})"
            raise Unavailable(instance, "start", why) from None
        running.door = int(json.loads(ready.read_text())["door"])
        watch = asyncio.create_task(self._watch(running, wish.service, number))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)
        return running

    async def _watch(self, running: Running, service: str, number: int) -> None:
        """Start a process again when it dies without being asked to."""
        await running.process.wait()
        self._everyone.discard(running.process)
        pause = 1.0
        while not (self.stopping or running.leaving):
            if self.seats.get(running.instance) is not running:
                return
            await asyncio.sleep(pause)
            wish = self._wishes[service]
            if number >= wish.replicas or self.seats.get(running.instance) is not running:
                return
            try:
                self.seats[running.instance] = await self._start(wish, number)
            except Unavailable:
                pause = min(10.0, pause * 2)
                continue
            await self._lost(service)
            return

    async def _drain(self, running: Running) -> None:
        """Let a process finish what it has begun, then see it gone."""
        running.leaving = True
        with suppress(aiohttp.ClientError, TimeoutError):
            await self._post(running, "drain", {})
        try:
            await asyncio.wait_for(running.process.wait(), 4.0)
        except TimeoutError:
            running.process.kill()
            await running.process.wait()

    async def stop(self) -> None:
        """End every process: asked first, killed after three seconds."""
        self.stopping = True
        for process in self._everyone:
            with suppress(ProcessLookupError):
                process.terminate()
        waits = [asyncio.create_task(p.wait()) for p in list(self._everyone)]
        if waits:
            await asyncio.wait(waits, timeout=3.0)
        for process in list(self._everyone):
            if process.returncode is None:
                process.kill()
        for watch in list(self._watches):
            watch.cancel()
        if self._http is not None:
            await self._http.close()
