"""What models cost: one row a request, written before it is sent and settled after it.

A request that nobody settled, because the process died, keeps counting with what was set aside.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import Value
from chimera.platform.governance.audit import Entry
from chimera.platform.store import tables as t
from chimera.platform.store.audit import Audit
from chimera.platform.store.database import now
from chimera.platform.store.engine import SPENDING_LOCK, lock_for_writing

SUMMED = ("tokens_in", "tokens_out", "money", "seconds")


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


class Settlement(Value):
    """What a request of some id really took, and how it ended."""

    id: str
    took: Cost
    model: str
    result: str


class Spending(Audit):
    """The ledger of requests to models."""

    async def charge_model(
        self,
        charge: Charge,
        since: datetime,
        ended: Sequence[Settlement] = (),
        at: datetime | None = None,
    ) -> tuple[str, Cost, Cost]:
        """Set aside what a request may take: (its id, the account before, everybody since a moment).

        Requests that `ended` are settled first. Whoever finds a sum too high takes the charge back
        with `refund_model`.
        """
        name, e = uuid.uuid4().hex, charge.expected
        async with self._engine.begin() as connection:
            await lock_for_writing(connection, SPENDING_LOCK)
            await self._settle(connection, ended)
            found = await connection.execute(BOTH, {"account": charge.account, "since": since})
            before = found.one()
            row = {
                "id": name, "at": at or now(), "account": charge.account,
                "purpose": charge.purpose, "model": charge.model, "prompt": charge.prompt,
                "tokens_in": e.tokens_in, "tokens_out": e.tokens_out, "money": e.money,
                "seconds": e.seconds, "result": "open",
            }  # fmt: skip
            await connection.execute(t.spending.insert().values(row))
            said = Entry(
                who="chimera",
                action="model.asked",
                object=charge.model,
                incident=charge.account if charge.account.startswith("INC-") else "",
                details={
                    "account": charge.account, "purpose": charge.purpose, "prompt": charge.prompt,
                    "id": name,
                },
            )  # fmt: skip
            await self._audit(connection, said)
        return name, cost_of(before, MINE), cost_of(before, ALL)

    async def settle_model(self, ended: Sequence[Settlement]) -> None:
        """What requests really took."""
        async with self._engine.begin() as connection:
            await self._settle(connection, ended)

    async def _settle(self, connection: AsyncConnection, ended: Sequence[Settlement]) -> None:
        if ended:
            rows = [
                {
                    "which": one.id, "tokens_in": one.took.tokens_in,
                    "tokens_out": one.took.tokens_out, "money": one.took.money,
                    "seconds": one.took.seconds, "model": one.model, "result": one.result,
                }
                for one in ended
            ]  # fmt: skip
            await connection.execute(SETTLE, rows)

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
        async with self._reads.connect() as connection:
            asked = select(*sums("", and_(true(), *wanted))).where(*wanted)
            return cost_of((await connection.execute(asked)).one(), "")


def sums(prefix: str, where: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    """What the rows took for which something holds, one column a kind of cost."""
    c = t.spending.c
    parts = {n: func.sum(case((where, c[n]), else_=0)) for n in SUMMED}
    parts["requests"] = func.sum(case((where, 1), else_=0))
    return [func.coalesce(part, 0).label(f"{prefix}{name}") for name, part in parts.items()]


def cost_of(row: Row[Any], prefix: str) -> Cost:
    return Cost.model_validate({n: row._mapping[f"{prefix}{n}"] for n in (*SUMMED, "requests")})


SETTLE = update(t.spending).where(t.spending.c.id == bindparam("which"))
OF_ACCOUNT = t.spending.c.account == bindparam("account")
SINCE = t.spending.c.at >= bindparam("since", type_=t.spending.c.at.type)
MINE, ALL = "mine_", "all_"
BOTH = select(*sums(MINE, OF_ACCOUNT), *sums(ALL, SINCE)).where(or_(OF_ACCOUNT, SINCE))


def midnight() -> datetime:
    """When the day began whose budget is used."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
