"""The local stack: found, started in order, supervised, and stopped without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from chimera.domain.errors import ChimeraError, NotFound
from chimera.sandbox import extra
from chimera.sandbox.programs import prometheus as prometheus_program
from chimera.sandbox.programs.base import Say, missing, silent
from chimera.sandbox.stack import configuration, history, logs, observing, secrets
from chimera.sandbox.stack.child import Child
from chimera.sandbox.stack.homes import explained, is_about, prepare_home
from chimera.sandbox.stack.layout import PORT_NAMES, Layout, given_addresses
from chimera.sandbox.stack.ports import free_ports, is_free
from chimera.sandbox.stack.service import PortInUse, Service, StartFailed
from chimera.sandbox.stack.services import (
    Programs,
    all_services,
    find_programs,
    log_of,
    wait_all,
)
from chimera.sandbox.stack.state import (
    StackState,
    default_home,
    load_state,
    lock_path,
    write_state,
)

START_ATTEMPTS = 3
DAY_SECONDS = 600.0
"""A day in the practice company, which its customers follow by the clock."""


class StackRunning(ChimeraError):
    """A stack runs already from this home; `state` says where it is."""

    def __init__(self, home: Path, state: StackState | None) -> None:
        where = f" at {state.urls.get('api', '')}" if state else ""
        super().__init__(
            f"Chimera's stack runs already from {home}{where}; stop it with `chimera down`"
        )
        self.state = state


class Stack:
    """Everything `chimera up` runs. Start it in the main thread: children die with their thread.

    Args:
        home: where its files are; `default_home()` if not given.
        light: SQLite instead of Postgres.
        with_estate: the practice company and the stand-ins too.
        with_chimera: Chimera's own worker and API too.
        history: recorded OpenMetrics text that Prometheus shall hold as if it had just happened.
        trust: how far Chimera is trusted in the practice estate (observe, advise, ask, act).
        ports: ports that are asked for by name (`api`, `prometheus`, ...); others are chosen.
        seed: what the practice company's chance is drawn from.
    """

    def __init__(
        self,
        home: Path | None = None,
        light: bool = False,
        with_estate: bool = True,
        *,
        with_chimera: bool = True,
        history: Path | None = None,
        trust: Literal["observe", "advise", "ask", "act"] = "act",
        ports: Mapping[str, int] | None = None,
        seed: int = 1,
    ) -> None:
        self.home = (home or default_home()).absolute()
        self.light = light
        self.with_estate = with_estate
        self.with_chimera = with_chimera
        self.history = history
        self.trust = trust
        self.seed = seed
        self.history_span: tuple[float, float] | None = None
        self._asked_ports = dict(ports or {})
        self._given = given_addresses()
        self._say: Say = silent
        self._children: dict[str, Child] = {}
        self._layout: Layout | None = None
        self._lock: IO[str] | None = None
        self._trimming: asyncio.Task[None] | None = None
        self._started = datetime.now(UTC)
        self._phase: Literal["starting", "running", "stopping"] = "starting"

    async def start(self, say: Say = silent) -> StackState:
        """Start everything and wait until it is ready. A failed start leaves nothing running.

        Raises:
            StackRunning: one runs already from this home.
            StartFailed: a package is missing, a port is taken, the disk is full, or a service did
                not come up.
            ProgramMissing: a program cannot be had.
        """
        self._say = say
        try:
            with cancelled_by_sigterm():
                await self._start()
        except OSError as error:
            await self.stop()
            if is_about(error, self.home):
                raise explained(error, self.home) from error
            raise
        except BaseException as error:
            if not isinstance(error, StackRunning):
                await self.stop()
            raise
        return self.describe()

    async def _start(self) -> None:
        if self.with_estate and (why := extra.lacking()):
            raise StartFailed(f"{why}; {extra.REMEDY}")
        prepare_home(self.home)
        await self._take_lock()
        programs = await find_programs(frozenset(self._given), self.light, self._say)
        for attempt in range(1, START_ATTEMPTS + 1):
            layout = self._lay_out(fresh_ports=attempt > 1)
            try:
                await self._bring_up(layout, programs)
                break
            except PortInUse as taken:
                await self._stop_children()
                if attempt == START_ATTEMPTS or self._asked_ports:
                    raise
                self._say(f"{str(taken).splitlines()[0]} Trying other ports.")
        self._phase = "running"
        files = (child.log for child in self._children.values())
        self._trimming = asyncio.create_task(logs.keep_short(tuple(files)), name="trim logs")
        self._write_state()

    async def stop(self) -> None:
        """Stop everything, the last started first, and let go of the home."""
        self._phase = "stopping"
        if self._trimming is not None:
            self._trimming.cancel()
            self._trimming = None
        await self._stop_children()
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self.home / "stack.json").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    async def run_forever(self) -> None:
        """Supervise until Ctrl-C or SIGTERM, then stop."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        try:
            await ended.wait()
            self._say("stopping")
        finally:
            await self.stop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def describe(self) -> StackState:
        """Where everything is, as it is written into the state file."""
        layout = self._layout
        if layout is None:
            raise StartFailed("this stack has not been started; call start() first")
        return StackState(
            home=self.home,
            supervisor=os.getpid(),
            phase=self._phase,
            started=self._started,
            light=self.light,
            config=layout.config,
            logs=layout.logs,
            urls=layout.urls(),
            ports=dict(layout.ports),
            pids={name: child.pid for name, child in self._children.items() if child.pid},
            tokens=dict(layout.secrets),
        )

    @property
    def services(self) -> dict[str, str]:
        """Every service and its state: starting, ready, down, held, stopped."""
        return {name: child.state for name, child in self._children.items()}

    async def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a service a signal, SIGKILL if not said otherwise. It is started again."""
        self._child(name).kill(number)

    async def hold(self, name: str) -> None:
        """Stop a service and leave it stopped until `release`."""
        await self._child(name).stop(hold=True)

    async def release(self, name: str) -> None:
        """Start a service that was held."""
        await self._child(name).start()

    async def restart(self, name: str) -> None:
        """Stop a service in its own way, start it and wait until it is ready."""
        await self.hold(name)
        await self.release(name)

    async def until_ready(self, name: str, timeout: float = 60) -> None:
        """Wait until a service that died is back.

        Raises:
            TimeoutError: it is not within `timeout` seconds.
        """
        child = self._child(name)
        async with asyncio.timeout(timeout):
            while child.state != "ready" or child.pid is None:  # noqa: ASYNC110  plain is enough
                await asyncio.sleep(0.05)

    def _write_state(self) -> None:
        if self._lock is None:
            return
        try:
            write_state(self.describe())
        except OSError as error:  # a full disk must not end what runs
            self._say(f"the state file could not be written: {error.strerror}")

    def _child(self, name: str) -> Child:
        if name not in self._children:
            there = ", ".join(self._children) or "none"
            raise NotFound(f"the stack has no service {name!r}; it has: {there}")
        return self._children[name]

    async def _take_lock(self) -> None:
        file = lock_path(self.home).open("a+")
        for _ in range(10):  # others look at the lock for an instant, too
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._lock = file
                (self.home / "stack.json").unlink(missing_ok=True)  # of one that was killed
                return
            except BlockingIOError:
                await asyncio.sleep(0.05)
        file.close()
        raise StackRunning(self.home, load_state(self.home))

    def _lay_out(self, fresh_ports: bool) -> Layout:
        return Layout(
            home=self.home,
            ports=self._choose_ports(fresh_ports),
            secrets=secrets.load_or_make(self.home / "secrets"),
            light=self.light,
            with_estate=self.with_estate,
            with_chimera=self.with_chimera,
            trust=self.trust,
            seed=self.seed,
            given=self._given,
        )

    def _choose_ports(self, fresh: bool) -> dict[str, int]:
        """The ports asked for, those of the last start where they are free, or new ones."""
        for name, port in self._asked_ports.items():
            if name not in PORT_NAMES:
                raise StartFailed(f"no port is called {name!r}; there are: {', '.join(PORT_NAMES)}")
            if not is_free(port):
                raise StartFailed(
                    f"the port {port} asked for as {name!r} is taken; "
                    "stop what uses it or ask for another"
                )
        file = self.home / "ports.json"
        last: dict[str, int] = {}
        if not fresh and file.exists():
            with contextlib.suppress(ValueError):
                last = json.loads(file.read_text())
        ports: dict[str, int] = {}
        chosen = iter(free_ports(len(PORT_NAMES)))
        for name in PORT_NAMES:
            kept = self._asked_ports.get(name) or last.get(name)
            ports[name] = (
                kept if kept and (name in self._asked_ports or is_free(kept)) else next(chosen)
            )
        file.write_text(json.dumps(ports))
        return ports

    async def _bring_up(self, layout: Layout, programs: Programs) -> None:
        self._layout = layout
        configuration.write(layout)
        await self._load_history(layout, programs)
        services = await all_services(layout, programs, self._say)
        self._children = {
            service.name: Child(service, log_of(layout, service.name), self._say, self._write_state)
            for service in services
        }
        self._write_state()
        up = {service.name: asyncio.Event() for service in services}
        await wait_all([asyncio.create_task(self._start_one(service, up)) for service in services])

    async def _start_one(self, service: Service, up: Mapping[str, asyncio.Event]) -> None:
        for needed in service.after:
            await up[needed].wait()
        began = time.monotonic()
        await self._children[service.name].start()
        self._say(f"{service.name} is ready ({time.monotonic() - began:.1f} s)")
        up[service.name].set()

    async def _load_history(self, layout: Layout, programs: Programs) -> None:
        if self.history is None or programs.prometheus is None:
            return
        promtool = prometheus_program.tool_of(programs.prometheus, prometheus_program.PROMETHEUS)
        if promtool is None:
            raise missing(
                "promtool",
                [f"beside {programs.prometheus.path}", "PATH"],
                "It comes with Prometheus; start without a history to do without it.",
            )
        observing.forget(layout)  # what an earlier start stored would lie across it
        data = layout.home / "prometheus" / "data"
        self.history_span = await history.load(self.history, data, promtool, self._say, DAY_SECONDS)

    async def _stop_children(self) -> None:
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


@contextlib.contextmanager
def cancelled_by_sigterm() -> Iterator[None]:
    """SIGTERM cancels the current task, so that what was started is stopped again."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    try:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    except (ValueError, RuntimeError):  # not in the main thread
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
