"""What a service's own code looks like to the process that runs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from chimera.sandbox.estate.pool import Pool
from chimera.sandbox.estate.replica import Replica

Route = tuple[str, str, Callable[[web.Request], Awaitable[Any]]]  # method, path, handler


class Service:
    """Base of all: override what is needed. Handlers return something JSON can say."""

    pool: Pool[Any] | None = None
    passive = False  # True: answers nobody, works by the clock

    def __init__(self, replica: Replica) -> None:
        self.replica = replica

    async def open(self) -> None:
        """Make ready to answer."""

    async def run(self) -> None:
        """Work by the clock until cancelled."""

    async def close(self) -> None:
        """Let go of everything."""

    def routes(self) -> list[Route]:
        return []

    async def command(self, name: str, arguments: dict[str, Any]) -> dict[str, str]:
        """A command that only this service knows. Raises KeyError for others."""
        raise KeyError(name)

    def details(self) -> dict[str, str]:
        """What an operator may see of it."""
        return {}
