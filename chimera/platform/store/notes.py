"""Small durable notes: what a channel or a webhook must remember over a restart."""

from __future__ import annotations

from typing import Protocol


class Notes(Protocol):
    """Text by (scope, key). The Store implements it."""

    async def get(self, scope: str, key: str) -> str | None: ...

    async def put(self, scope: str, key: str, value: str) -> None: ...

    async def put_once(self, scope: str, key: str, value: str) -> bool:
        """True if it was not there."""
        ...
