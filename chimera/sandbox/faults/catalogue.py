"""Every fault there is, found by looking; and the client of the controller's fault door."""

from __future__ import annotations

from functools import cache
from typing import Any

import aiohttp

from chimera.domain import Misconfigured, NotAllowed, NotFound, Refused, Unavailable
from chimera.domain.discovery import modules
from chimera.sandbox import faults as package
from chimera.sandbox.faults.base import Fault


@cache
def faults() -> dict[str, Fault]:
    """By name. Raises Misconfigured when a module is broken or a name is taken twice."""
    found: dict[str, Fault] = {}
    for module in modules(package):
        for value in vars(module).values():
            if isinstance(value, Fault) and found.setdefault(value.name, value) is not value:
                raise Misconfigured(
                    f"{module.__name__} has a second fault called {value.name!r}; "
                    "give it another name"
                )
    return found


class FaultDoor:
    """For `chimera faults` and benches only: nothing that repairs may know it."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = url.rstrip("/"), {"authorization": f"Bearer {token}"}

    async def inject(
        self,
        name: str,
        target: str = "",
        magnitude: float = 1.0,
        duration: float | None = None,
        seed: int = 0,
    ) -> dict[str, Any]:
        """Break something; returns id, name, target, magnitude, began, ends. No target: the first.

        Raises NotFound, NotAllowed, Refused, Unavailable.
        """
        asked = {"name": name, "target": target, "magnitude": magnitude, "seed": seed}
        if duration is not None:
            asked["duration"] = duration
        made: dict[str, Any] = await self._say("POST", "/faults", asked)
        return made

    async def clear(self, name: str = "all") -> list[str]:
        """End faults by name or id, or all; returns the ids of those that ended."""
        said = await self._say("POST", "/faults/clear", {"name": name})
        return list(said["cleared"])

    async def reset(self) -> None:
        """Back to a good day, in a few seconds."""
        await self._say("POST", "/faults/reset", {})

    async def active(self) -> list[dict[str, Any]]:
        return list(await self._say("GET", "/faults", None))

    async def _say(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=90)) as http,
                http.request(method, self._url + path, json=body, headers=self._headers) as answer,
            ):
                said = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable("the practice estate", "break or heal", repr(error)) from None
        if answer.status < 400:
            return said
        reason = said.get("error", "") if isinstance(said, dict) else ""
        if answer.status >= 500:
            raise Unavailable("the practice estate", "break or heal", reason)
        kinds: dict[int, type[Refused]] = {403: NotAllowed, 404: NotFound}
        raise kinds.get(answer.status, Refused)(reason)
