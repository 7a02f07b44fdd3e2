"""What the estate's controller says: the ledger of effects, and how every target stands."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from pydantic import Field, field_validator

from chimera.bench.ground.web import Web
from chimera.domain import TargetState
from chimera.domain.base import Value
from chimera.domain.orders import MARKED

MARK = re.compile(rf"{MARKED}\w+")


class LedgerRow(Value):
    """One effect that the controller was asked for; its order by its id, since a bench has one store."""

    key: str
    order_id: str
    verb: str
    target: str
    arguments: dict[str, str] = Field(default_factory=dict)
    at: float | str | datetime
    applied: bool

    @field_validator("key", "order_id")
    @classmethod
    def _readable(cls, given: str) -> str:
        return MARK.sub("", given)


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
