"""One HTTP service of the stack, asked as one caller."""

from __future__ import annotations

from typing import Any

import httpx

from chimera.domain import Refused, Unavailable

TIMEOUT = 20.0  # seconds


class Web:
    """Raises Unavailable when nobody answers or the service fails, Refused when it says no."""

    def __init__(self, name: str, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._name = name
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/"), headers=headers, timeout=TIMEOUT, trust_env=False
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: str) -> Any:
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return await self._ask("POST", path, json=body)

    async def _ask(self, method: str, path: str, **how: Any) -> Any:
        try:
            reply = await self._http.request(method, path, **how)
        except httpx.TransportError as error:
            why = str(error) or type(error).__name__
            raise Unavailable(self._name, f"answer {method} {path}", why) from error
        if reply.status_code >= 500:
            raise Unavailable(self._name, f"do {method} {path}", reply.text[:200])
        if reply.is_error:
            raise Refused(f"{self._name} refused {method} {path}: {reply.text[:300]}")
        return reply.json()
