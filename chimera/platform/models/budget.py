"""Time, tokens and money: by conversation and by day, kept in the store, set aside before they are used."""

from __future__ import annotations

import asyncio

import structlog

from chimera.platform.models.failures import BudgetSpent
from chimera.platform.models.usage import Usage
from chimera.platform.settings import Model as Access
from chimera.platform.settings import ModelBudget
from chimera.platform.store.spending import Charge, Cost, Settlement, Spending, midnight

MOMENT = 0.25  # seconds for which a settlement waits for company
log = structlog.get_logger(__name__)


class Budget:
    """The purse of one model. Without a store nothing is limited and nothing is kept."""

    def __init__(self, access: Access, store: Spending | None = None) -> None:
        self._access, self._store = access, store
        self._ended: list[Settlement] = []
        self._writing: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def set_aside(self, charge: Charge) -> str:
        """The charge's id. Raises BudgetSpent before anything is sent."""
        if self._store is None:
            return ""
        ended, self._ended = self._ended, []
        try:
            name, conversation, day = await self._store.charge_model(charge, midnight(), ended)
        except BaseException:
            self._ended += ended
            raise
        try:
            demand(conversation, charge.expected, self._access.conversation, "this conversation")
            demand(day, charge.expected, self._access.day, "today")
        except BudgetSpent:
            await self._store.refund_model(name)
            raise
        return name

    def settle(self, name: str, usage: Usage, model: str, result: str) -> None:
        """Write down what it really took: with the next charge, or a moment later by itself.

        Nobody waits; until then it counts with what was set aside.
        """
        if self._store is None or not name:
            return
        self._ended.append(Settlement(id=name, took=usage.cost, model=model, result=result))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_later())

    async def _write_later(self) -> None:
        await asyncio.sleep(MOMENT)
        self._writing = None
        await self._write()

    async def _write(self) -> None:
        async with self._one_at_a_time:
            ended, self._ended = self._ended, []
            try:
                if self._store is not None and ended:
                    await self._store.settle_model(ended)
            except Exception as error:
                log.warning("requests to the model stay open in the books", reason=str(error))

    async def close(self) -> None:
        """Write down what is left; it may go on being used."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        await self._write()


def demand(spent: Cost, more: Cost, limit: ModelBudget, what: str) -> None:
    """Raises BudgetSpent if a further request would go over a limit."""
    unit, used, most = next(
        (
            (unit, used, most)
            for unit, used, most in (
                ("tokens", spent.tokens + more.tokens, limit.tokens),
                ("money", spent.money + more.money, limit.money),
                ("seconds", spent.seconds + more.seconds, limit.seconds),
            )
            if most is not None and used > most
        ),
        ("", 0.0, 0.0),
    )
    if unit:
        key = "day" if what == "today" else "conversation"
        raise BudgetSpent(
            f"the model may not be asked: {what} would take {used:g} of {most:g} {unit}; "
            f"raise model.{key}.{unit}, or go on without it"
        )
