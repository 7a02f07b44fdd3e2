"""The local stack: found, started in order, supervised, and stopped without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from chimera.domain.errors import ChimeraError
from chimera.sandbox import extra
from chimera.sandbox.programs import prometheus as prometheus_program
from chimera.sandbox.programs.base import Say, missing, silent
from chimera.sandbox.stack import configuration, history, lock, logs, observing, secrets
from chimera.sandbox.stack.child import Child
from chimera.sandbox.stack.chosen_ports import choose_ports
from chimera.sandbox.stack.homes import explained, is_about, prepare_home
from chimera.sandbox.stack.layout import Layout, given_addresses
from chimera.sandbox.stack.service import PortInUse, StartFailed
from chimera.sandbox.stack.services import Programs, all_services, find_programs
from chimera.sandbox.stack.state import StackState, default_home, load_state, write_state
from chimera.sandbox.stack.stop_signals import cancelled_by_sigterm, told_to_stop
from chimera.sandbox.stack.supervision import Supervision

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
        with_teams: incidents are told in the stand-ins' Teams too.
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
        with_teams: bool = False,
    ) -> None:
        self.home = (home or default_home()).absolute()
        self.light = light
        self.with_estate = with_estate
        self.with_chimera = with_chimera
        self.history = history
        self.trust = trust
        self.seed = seed
        self.with_teams = with_teams
        self.history_span: tuple[float, float] | None = None
        self._asked_ports = dict(ports or {})
        self._given = given_addresses()
        self._say: Say = silent
        self._running = Supervision()
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
                await self._running.stop()
                if attempt == START_ATTEMPTS or self._asked_ports:
                    raise
                self._say(f"{str(taken).splitlines()[0]} Trying other ports.")
        self._phase = "running"
        trimmed = logs.keep_short(self._running.logs)
        self._trimming = asyncio.create_task(trimmed, name="trim logs")
        self._write_state()

    async def stop(self) -> None:
        """Stop everything, the last started first, and let go of the home."""
        self._phase = "stopping"
        if self._trimming is not None:
            self._trimming.cancel()
            self._trimming = None
        await self._running.stop()
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self.home / "stack.json").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    async def run_forever(self) -> None:
        """Supervise until Ctrl-C or SIGTERM, then stop."""
        with told_to_stop() as told:
            try:
                await told.wait()
                self._say("stopping")
            finally:
                await self.stop()

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
            pids=self._running.pids,
            tokens=dict(layout.secrets),
        )

    @property
    def services(self) -> dict[str, str]:
        """Every service and its state: starting, ready, down, held, stopped."""
        return self._running.states

    async def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a service a signal, SIGKILL if not said otherwise. It is started again."""
        self._running.child(name).kill(number)

    async def hold(self, name: str) -> None:
        """Stop a service and leave it stopped until `release`."""
        await self._running.child(name).stop(hold=True)

    async def release(self, name: str) -> None:
        """Start a service that was held."""
        await self._running.child(name).start()

    async def restart(self, name: str) -> None:
        """Stop a service in its own way, start it and wait until it is ready."""
        await self.hold(name)
        await self.release(name)

    async def until_ready(self, name: str, timeout: float = 60) -> None:
        """Wait until a service that died is back.

        Raises:
            TimeoutError: it is not within `timeout` seconds.
        """
        await self._running.child(name).until_ready(timeout)

    def _write_state(self) -> None:
        if self._lock is None:
            return
        try:
            write_state(self.describe())
        except OSError as error:  # a full disk must not end what runs
            self._say(f"the state file could not be written: {error.strerror}")

    async def _take_lock(self) -> None:
        self._lock = await lock.take(self.home)
        if self._lock is None:
            raise StackRunning(self.home, load_state(self.home))
        (self.home / "stack.json").unlink(missing_ok=True)  # of one that was killed

    def _lay_out(self, fresh_ports: bool) -> Layout:
        return Layout(
            home=self.home,
            ports=choose_ports(self.home, self._asked_ports, fresh=fresh_ports),
            secrets=secrets.load_or_make(self.home / "secrets"),
            light=self.light,
            with_estate=self.with_estate,
            with_chimera=self.with_chimera,
            trust=self.trust,
            seed=self.seed,
            with_teams=self.with_teams,
            given=self._given,
        )

    async def _bring_up(self, layout: Layout, programs: Programs) -> None:
        self._layout = layout
        configuration.write(layout)
        await self._load_history(layout, programs)
        services = await all_services(layout, programs, self._say)
        children = (
            Child(service, layout.log_of(service.name), self._say, self._write_state)
            for service in services
        )
        self._running = Supervision(children, self._say)
        self._write_state()
        await self._running.start()

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
