"""What the estate's controller says: the ledger of effects, and how every target stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from chimera.bench.ground.web import Web
from chimera.domain import TargetState
from chimera.domain.base import Value


class LedgerRow(Value):
    """One effect that the controller was asked for."""

    key: str
    order_id: str
    verb: str
    target: str
    arguments: dict[str, str] = Field(default_factory=dict)
    at: float | str | datetime
    applied: bool


class ControllerReader:
    """Reads with the reader's token; a bench never changes anything through this door."""

    def __init__(self, url: str, token: str) -> None:
        self._web = Web("the process controller", url, token)

    async def close(self) -> None:
        await self._web.close()

    async def ledger(self) -> list[LedgerRow]:
        """Every effect, oldest first."""
        rows: list[Any] = await self._web.get("/ledger")
        return [LedgerRow.model_validate(row) for row in rows]

    async def targets(self) -> dict[str, TargetState]:
        rows: list[Any] = await self._web.get("/targets")
        states = [TargetState.model_validate(row) for row in rows]
        return {state.name: state for state in states}
