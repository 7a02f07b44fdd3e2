"""What the supervisor must know about one program to run it: a few lines a service."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from chimera.domain.errors import ChimeraError
from chimera.sandbox.stack.leash import OURS, Account

Ready = Callable[[], Awaitable[bool]]
"""Asks once whether a service does its work; False or an error that means "not yet"."""


class StartFailed(ChimeraError):
    """A service did not come up; the message names it, its log and what it said last."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log  # a file that the message names


class PortInUse(StartFailed):
    """Another program took one of the ports."""


@dataclass(frozen=True)
class Service:
    """One program of the stack. `after` names the services that must be ready before it."""

    name: str
    command: tuple[str, ...]
    ready: Ready
    after: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    account: Account = OURS
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL  # what it gets when the supervisor is killed
    start_timeout: float = 60.0
    stop_timeout: float = 5.0


def answers(url: str) -> Ready:
    """Ready when a GET of `url` answers 200."""

    async def ask() -> bool:
        try:
            async with httpx.AsyncClient(timeout=3, trust_env=False) as http:
                return (await http.get(url)).status_code == 200
        except httpx.HTTPError:
            return False

    return ask
