"""The demo's three acts. Nothing in them is scripted but the faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chimera.domain import Event, Incident, Phase
from chimera.platform.store import OrderRecord
from chimera.sandbox.demo.witness import Witness

Tell = Callable[[str], None]
Approve = Callable[[OrderRecord], Awaitable[bool]]
OVER = frozenset({Phase.RESOLVED, Phase.HANDED_OVER})


@dataclass
class Act:
    """What happened in one act."""

    name: str
    injected: datetime
    incidents: list[Incident] = field(default_factory=list)
    orders: list[OrderRecord] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def repaired(self) -> bool:
        return any(r.outcome and r.outcome.status == "applied" for r in self.orders)

    def delay(self, interval: float) -> float | None:
        """Scrape intervals from the injection to the opening of the first incident."""
        if not self.incidents:
            return None
        return (self.incidents[0].opened - self.injected).total_seconds() / interval


async def follow(
    witness: Witness,
    name: str,
    injected: datetime,
    tell: Tell,
    approve: Approve | None,
    patience: timedelta,
    quiet_for: timedelta | None = None,
) -> Act:
    """Watch until every incident of the act is over, or patience ends.

    `quiet_for`: an act in which nothing should happen lasts exactly so long.
    """
    act = Act(name, injected)
    shown: set[tuple[str, str]] = set()
    asked: set[str] = set()
    end = datetime.now(UTC) + (quiet_for or patience)
    while datetime.now(UTC) < end:
        act.incidents = await witness.incidents(injected)
        for incident in act.incidents:
            for event in await witness.events(incident.id):
                if (event.incident, event.key) in shown:
                    continue
                shown.add((event.incident, event.key))
                act.events.append(event)
                after = (event.at - injected).total_seconds()
                tell(f"{after:6.1f} s  {event.incident}  {event.phase.value:<13} {event.text}")
            for record in await witness.orders(incident.id):
                if record.state == "waiting" and approve and record.order.id not in asked:
                    asked.add(record.order.id)
                    await witness.answer(record, await approve(record))
        over = act.incidents and all(i.phase in OVER for i in act.incidents)
        if over and quiet_for is None:
            break
        await asyncio.sleep(0.5)
    for incident in act.incidents:
        act.orders += sorted(await witness.orders(incident.id), key=lambda r: r.order.attempt)
    act.seconds = (datetime.now(UTC) - injected).total_seconds()
    return act


async def warmed_up(witness: Witness, looks: timedelta, tell: Tell, patience: timedelta) -> None:
    """Wait until detection has seen the live estate for so long. Raises TimeoutError."""
    began = datetime.now(UTC)
    end = began + patience
    first: datetime | None = None
    while True:
        now = datetime.now(UTC)
        if now > end:
            raise TimeoutError(
                "detection did not begin; `chimera doctor` says what it is missing, and the "
                f"worker's log lies in {witness.state.logs}"
            )
        seen = await witness.looked_at()
        if seen and first is None:
            first = seen
            tell("detection looks once an interval; letting it see the live estate")
        if first and seen and seen - first >= looks:
            return
        await asyncio.sleep(1)
