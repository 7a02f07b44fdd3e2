"""The practice estate's actuator: the process controller over HTTP."""

from __future__ import annotations

from typing import Any

import aiohttp

from chimera.domain import (
    Effect,
    NotAllowed,
    NotFound,
    PreconditionFailed,
    Refused,
    TargetState,
    Unavailable,
)

CONTROLLER = "the process controller"
REFUSALS: dict[int, type[Refused]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: PreconditionFailed,
    422: PreconditionFailed,
}


class ProcessActuator:
    """Reads and changes targets; see `chimera.domain.ports.Actuator`.

    A rolling restart answers when the last replica is up, hence the long timeout. A lost reply is
    harmless: the same effect's key again returns the same result.
    """

    def __init__(self, url: str, token: str, timeout: float = 60.0) -> None:
        self._url, self._headers = url.rstrip("/"), {"authorization": f"Bearer {token}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=5)

    async def state(self, target: str) -> TargetState:
        """Read a target. Raises NotFound, NotAllowed, Unavailable."""
        return TargetState.model_validate(await self._ask("GET", f"/targets/{target}"))

    async def targets(self) -> list[TargetState]:
        """Every target there is."""
        return [TargetState.model_validate(row) for row in await self._ask("GET", "/targets")]

    async def perform(self, effect: Effect) -> dict[str, str]:
        """Change it once for each key. Raises PreconditionFailed, NotFound, Unavailable."""
        said = await self._ask("POST", "/effects", effect.model_dump(mode="json"))
        result: dict[str, str] = said["result"]
        return result

    async def fence(self, order_id: str) -> None:
        """When it returns, no apply of this order is under way, and one that comes late does nothing."""
        await self._ask("POST", "/fences", {"order_id": order_id})

    async def effects(self, order_id: str) -> dict[str, dict[str, str]]:
        """What was really done for an order: key to result."""
        found: dict[str, dict[str, str]] = await self._ask(
            "GET", "/effects", query={"order_id": order_id}
        )
        return found

    async def ledger(self) -> list[dict[str, Any]]:
        """Every effect ever asked for, oldest first."""
        return list(await self._ask("GET", "/ledger"))

    async def _ask(
        self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None
    ) -> Any:
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, headers=self._headers) as http,
                http.request(method, self._url + path, json=body, params=query) as answer,
            ):
                said = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            reason = f"{type(error).__name__} {error}".strip()
            raise Unavailable(CONTROLLER, f"answer {method} {path}", reason) from None
        if answer.status < 400:
            return said
        reason = str(said.get("error", "")) if isinstance(said, dict) else ""
        if refusal := REFUSALS.get(answer.status):
            raise refusal(reason or f"{CONTROLLER} refused {method} {path} ({answer.status})")
        raise Unavailable(CONTROLLER, f"answer {method} {path}", reason or str(answer.status))
