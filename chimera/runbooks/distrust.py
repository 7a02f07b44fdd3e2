"""A repair of Chimera's own that had to be undone, or was for no cause: it is trusted less from now on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chimera.domain import (
    CHIMERA,
    Event,
    Finding,
    NotFound,
    Order,
    Outcome,
    StepDown,
    Trust,
    Veto,
)
from chimera.platform.store import Store

Level = Callable[[str, str], Trust]  # of an environment and a runbook, as the settings have it
DISTRUSTED = ("rolled_back", "failed")


async def distrust(store: Store, order: Order, outcome: Outcome, level: Level) -> StepDown | None:
    """Step down where the outcome asks for it, and say so on the incident. Twice is once."""
    if order.requested_by != CHIMERA.id or outcome.status not in DISTRUSTED:
        return None
    did = "was rolled back" if outcome.status == "rolled_back" else "failed"
    down = await store.step_down(
        order.environment,
        order.runbook,
        order.id,
        f"order {order.id} {did}",
        level(order.environment, order.runbook),
        outcome.at,
        incident=order.incident,
    )
    if down is not None:
        await tell_incident(store, order.incident, f"{order.id}-trust", down.at, str(down))
    return down


async def distrust_doubted(store: Store, veto: Veto, finding: Finding, level: Level) -> None:
    """Step down what was ordered, or proposed, for a cause of which a person says that it was none."""
    for record in await store.orders(incident=veto.incident):
        order = record.order
        meant = (order.requested_by, order.runbook, order.target)
        if meant != (CHIMERA.id, finding.runbook, finding.target):
            continue
        down = await store.step_down(
            order.environment,
            order.runbook,
            f"veto/{veto.incident}/{veto.person}",
            f"{veto.person} says that {order.id} was for no cause of {veto.incident}",
            level(order.environment, order.runbook),
            veto.at,
            by=veto.person,
            incident=veto.incident,
        )
        if down is not None:
            key = f"{order.id}-veto-{veto.person}"
            await tell_incident(store, veto.incident, key, down.at, str(down))


async def tell_incident(store: Store, incident: str, key: str, at: datetime, text: str) -> None:
    """A line on the timeline of the incident that it comes from; a person's order has none."""
    try:
        phase = (await store.incident(incident)).phase
    except NotFound:
        return
    event = Event(incident=incident, key=key, at=at, phase=phase, text=text)
    await store.add_event(event)
