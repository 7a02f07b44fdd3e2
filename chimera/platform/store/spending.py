"""What models cost: one row a request, written before it is sent and settled after it.

A request that nobody settled, because the process died, keeps counting with what was set aside.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from pydantic import Field
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import Value
from chimera.platform.store import tables as t
from chimera.platform.store.database import Database, now
from chimera.platform.store.engine import lock_for_writing


class Cost(Value):
    """A sum, or what one request takes."""

    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    seconds: float = 0.0
    requests: int = 0

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


class Charge(Value):
    """A request that is about to be sent."""

    account: str  # the thread, or the incident
    purpose: str
    model: str
    prompt: str = ""  # the version of what it is told
    expected: Cost = Field(default_factory=Cost)


class Spending(Database):
    """The ledger of requests to models."""

    async def charge_model(
        self, charge: Charge, since: datetime, at: datetime | None = None
    ) -> tuple[str, Cost, Cost]:
        """Set aside what a request may take: (its id, the account before, everybody since a moment).

        Whoever finds a sum too high takes the charge back with `refund_model`.
        """
        name, e = uuid.uuid4().hex, charge.expected
        async with self._engine.begin() as connection:
            await lock_for_writing(connection)
            mine = await self._sum(connection, t.spending.c.account == charge.account)
            all_ = await self._sum(connection, t.spending.c.at >= since)
            row = {
                "id": name, "at": at or now(), "account": charge.account,
                "purpose": charge.purpose, "model": charge.model, "prompt": charge.prompt,
                "tokens_in": e.tokens_in, "tokens_out": e.tokens_out, "money": e.money,
                "seconds": e.seconds, "result": "open",
            }  # fmt: skip
            await connection.execute(t.spending.insert().values(row))
        return name, mine, all_

    async def settle_model(self, name: str, took: Cost, model: str, result: str) -> None:
        """What it really took, and how it ended."""
        values = {
            "tokens_in": took.tokens_in, "tokens_out": took.tokens_out, "money": took.money,
            "seconds": took.seconds, "model": model, "result": result,
        }  # fmt: skip
        async with self._engine.begin() as connection:
            await connection.execute(
                update(t.spending).where(t.spending.c.id == name).values(values)
            )

    async def refund_model(self, name: str) -> None:
        """It was never sent."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(t.spending).where(t.spending.c.id == name))

    async def model_cost(self, account: str | None = None, since: datetime | None = None) -> Cost:
        """The sum of an account, or of everybody, since a moment or ever."""
        wanted: list[ColumnElement[bool]] = []
        if account is not None:
            wanted.append(t.spending.c.account == account)
        if since is not None:
            wanted.append(t.spending.c.at >= since)
        async with self._engine.connect() as connection:
            return await self._sum(connection, *wanted)

    async def _sum(self, connection: AsyncConnection, *where: ColumnElement[bool]) -> Cost:
        c = t.spending.c
        asked = select(
            func.coalesce(func.sum(c.tokens_in), 0).label("tokens_in"),
            func.coalesce(func.sum(c.tokens_out), 0).label("tokens_out"),
            func.coalesce(func.sum(c.money), 0.0).label("money"),
            func.coalesce(func.sum(c.seconds), 0.0).label("seconds"),
            func.count().label("requests"),
        ).where(*where)
        row = (await connection.execute(asked)).one()
        return Cost.model_validate(dict(row._mapping))


def midnight() -> datetime:
    """When the day began whose budget is used."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
