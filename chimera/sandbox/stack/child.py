"""One running service: started on a leash, watched, started again when it dies, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from chimera.sandbox.programs.base import Say
from chimera.sandbox.stack import leash, logs
from chimera.sandbox.stack.service import PortInUse, Service, StartFailed

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 30.0
"""Running for so long makes the next pause a short one again."""

POLL_SECONDS = 0.1

State = Literal["stopped", "starting", "ready", "down", "held"]


class Child:
    """A service under supervision. Events are said as one line each.

    `changed` is called whenever it has another process than before.
    """

    def __init__(
        self, service: Service, log: Path, say: Say, changed: Callable[[], None] | None = None
    ) -> None:
        self.service = service
        self.log = log
        self.say = say
        self.changed = changed
        self.state: State = "stopped"
        self.restarts = 0
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._spawning: asyncio.Task[asyncio.subprocess.Process] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if alive and self._process else None

    async def start(self) -> None:
        """Start it and wait until it is ready; from then on it is restarted when it dies.

        Raises:
            PortInUse: it said that a port is taken.
            StartFailed: it ended or was not ready in time.
        """
        self.state = "starting"
        logs.rotate(self.log)
        process = await self._spawn()
        try:
            await self._until_ready(process)
        except BaseException:
            await self._end(process)
            self.state = "stopped"
            raise
        self.state = "ready"
        self._watching = asyncio.create_task(self._watch(), name=f"watch {self.service.name}")

    async def stop(self, *, hold: bool = False) -> None:
        """Stop it: its own signal first, SIGKILL when that takes too long."""
        self.state = "held" if hold else "stopped"
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None
        if self._spawning is not None:
            with contextlib.suppress(OSError):
                await self._spawning
            self._spawning = None
        if self._process is not None:
            await self._end(self._process)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal to it and all it started in its session; it is restarted when it dies."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    async def until_ready(self, timeout: float = 60) -> None:
        """Wait until it is back when it died.

        Raises:
            TimeoutError: it is not within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while self.state != "ready" or self.pid is None:  # noqa: ASYNC110  plain is enough
                await asyncio.sleep(0.05)

    async def _spawn(self) -> asyncio.subprocess.Process:
        service = self.service
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *leash.leashed(service.account, service.death_signal),
                *service.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **service.env},
                cwd=service.folder,
                start_new_session=True,
            )
        if self.changed:
            self.changed()
        return self._process

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        deadline = time.monotonic() + self.service.start_timeout
        while True:
            if process.returncode is not None:
                raise self._failure(f"ended with {process.returncode}")
            if await self.service.ready() and process.returncode is None:
                return
            if time.monotonic() > deadline:
                raise self._failure(f"was not ready within {self.service.start_timeout:g} s")
            await asyncio.sleep(POLL_SECONDS)

    def _failure(self, what: str) -> StartFailed:
        said = logs.last_words(self.log)
        remedy = "Read its log, mend the cause and start again."
        kind = StartFailed
        if any(sign in said.lower() for sign in logs.PORT_TAKEN):
            kind, remedy = (
                PortInUse,
                "One of its ports is taken: stop what uses it and start again.",
            )
        elif any(sign in said.lower() for sign in logs.DISK_FULL):
            remedy = "The disk is full: make room and start again."
        quoted = "\n".join(f"    {line}" for line in said.splitlines())
        message = f"{self.service.name} {what} (log: {self.log}). {remedy}\n{quoted}".rstrip()
        return kind(message, self.log)

    async def _watch(self) -> None:
        """Start it again whenever it dies, waiting a little longer each time it dies soon."""
        pause = FIRST_PAUSE
        while True:
            assert self._process is not None
            since = time.monotonic()
            code = await self._process.wait()
            self.state = "down"
            if time.monotonic() - since > STEADY_SECONDS:
                pause = FIRST_PAUSE
            cause = f"signal {-code}" if code < 0 else f"exit code {code}"
            self.say(f"{self.service.name} died ({cause}); starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            self.restarts += 1
            # Not to be cancelled half-way: a process that nobody knows could not be stopped.
            self._spawning = asyncio.create_task(self._spawn())
            try:
                process = await asyncio.shield(self._spawning)
            except OSError as error:  # no disk for its log, no process left: it may get better
                self.say(f"{self.service.name} could not be started: {error.strerror or error}")
                continue
            try:
                await self._until_ready(process)
            except StartFailed as failure:
                self.say(str(failure).splitlines()[0])
                await self._end(process)
                continue
            self.state = "ready"
            self.say(f"{self.service.name} is back (process {process.pid})")

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self.service.stop_signal)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self.service.stop_timeout)
        # The session's stragglers too: a service that was killed leaves its own children behind.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
