"""Time, tokens and money: by conversation and by day, kept in the store, set aside before they are used."""

from __future__ import annotations

import asyncio

import structlog

from chimera.platform.models.failures import BudgetSpent
from chimera.platform.models.usage import Usage
from chimera.platform.settings import Model as Access
from chimera.platform.settings import ModelBudget
from chimera.platform.store.spending import Charge, Cost, Spending, midnight

log = structlog.get_logger(__name__)


class Budget:
    """The purse of one model. Without a store nothing is limited and nothing is kept."""

    def __init__(self, access: Access, store: Spending | None = None) -> None:
        self._access, self._store = access, store
        self._settling: set[asyncio.Task[None]] = set()

    async def set_aside(self, charge: Charge) -> str:
        """The charge's id. Raises BudgetSpent before anything is sent."""
        if self._store is None:
            return ""
        name, conversation, day = await self._store.charge_model(charge, midnight())
        try:
            demand(conversation, charge.expected, self._access.conversation, "this conversation")
            demand(day, charge.expected, self._access.day, "today")
        except BudgetSpent:
            await self._store.refund_model(name)
            raise
        return name

    def settle(self, name: str, usage: Usage, model: str, result: str) -> None:
        """Write down what it really took. Nobody waits: until then it counts with what was set aside."""
        if self._store is None or not name:
            return
        writing = asyncio.create_task(self._store.settle_model(name, usage.cost, model, result))
        self._settling.add(writing)
        writing.add_done_callback(self._settled)

    def _settled(self, writing: asyncio.Task[None]) -> None:
        self._settling.discard(writing)
        if not writing.cancelled() and (error := writing.exception()):
            log.warning("a request to the model stays open in the books", reason=str(error))

    async def close(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._settling, return_exceptions=True)


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
