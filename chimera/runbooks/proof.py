"""The proof of a repair: the very queries that raised the incident are asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Literal

from chimera.domain import (
    NotNeeded,
    NotRepaired,
    NoVerdict,
    Order,
    Refused,
    Symptom,
    Unavailable,
    moment,
)

Health = Literal["healthy", "sick", "mending", "no_data", "no_traffic"]
SICK = ("sick", "mending")
Check = Callable[[Symptom, datetime, datetime], Awaitable[Health]]  # symptom, since, now


class Proof:
    """Asks a symptom's own query until it is healthy, or the time for it is over.

    `interval` is the scrape interval in seconds; `wait` and `limit` count intervals.
    """

    def __init__(self, check: Check, interval: float, wait: int, limit: int) -> None:
        self._check = check
        self._interval = interval
        self._wait = wait
        self._limit = limit

    async def ask(self, symptoms: Sequence[Symptom], since: datetime) -> list[Health]:
        """Each symptom's health. Whoever cannot be asked has no data; that is no verdict."""
        now = datetime.now(UTC)

        async def one(symptom: Symptom) -> Health:
            try:
                return await self._check(symptom, since, now)
            except (Unavailable, Refused):  # away, or it does not let us ask: no verdict either way
                return "no_data"

        return list(await asyncio.gather(*(one(symptom) for symptom in symptoms)))

    async def still_needed(self, order: Order) -> None:
        """Raises NotNeeded when every symptom is gone, Unavailable while that cannot be told.

        Nothing is changed in the dark, nor where no symptom is sick: the step is tried again until
        there are data and traffic.
        """
        if not order.symptoms:
            return
        recent = moment(datetime.now(UTC).timestamp() - 6 * self._interval)
        answers = set(await self.ask(order.symptoms, recent))
        if not answers.isdisjoint(SICK):
            return
        if answers == {"healthy"}:
            raise NotNeeded(
                f"order {order.id} is no longer needed: "
                f"{', '.join(sorted({s.service for s in order.symptoms}))} recovered without it"
            )
        why = (
            "there are no data"
            if "no_data" in answers
            else "there is no traffic, and nothing is sick"
        )
        raise Unavailable("Prometheus", f"tell whether order {order.id} is still needed", why)

    async def demand(self, order: Order, since: float, again: bool = False) -> None:
        """Return once all symptoms are healthy. Raises NotRepaired or NoVerdict at the limit.

        A repair that visibly works but needs longer gets twice the time; so does one whose proof was
        cut short and is asked for `again`: nobody knows how it went. While all that is left is on
        its way back (a queue that drains) it gets three times as long.
        """
        if not order.symptoms:
            raise NoVerdict(
                f"order {order.id} names no symptom, so nobody can say whether it helped; "
                "look at the target yourself"
            )
        began = since
        await asyncio.sleep(max(0.0, began + self._wait * self._interval - _now()))
        start = best = -1
        while True:
            answers = await self.ask(order.symptoms, moment(began))
            sick = [s for s, a in zip(order.symptoms, answers, strict=True) if a in SICK]
            blind = [s for s, a in zip(order.symptoms, answers, strict=True) if a.startswith("no_")]
            if not sick and not blind:
                return
            if start < 0:
                start = best = len(sick) + len(blind)
            best = min(best, len(sick) + len(blind))
            drains = not blind and "sick" not in answers
            limit = self._limit * (3 if drains else 2 if again or best < start else 1)
            if _now() >= began + (self._wait + limit) * self._interval:
                break
            await asyncio.sleep(self._interval)
        if sick:
            named = ", ".join(sorted({f"{s.signal} of {s.service}" for s in sick}))
            raise NotRepaired(f"order {order.id} did not help: {named} is still abnormal")
        named = ", ".join(sorted({f"{s.signal} of {s.service}" for s in blind}))
        raise NoVerdict(f"order {order.id} cannot be judged: no data or no traffic for {named}")


def _now() -> float:
    return datetime.now(UTC).timestamp()
