"""What the trust report is made from, read from the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chimera.domain import Trust
from chimera.platform.governance.trust_report import Facts, TrustReport, report
from chimera.platform.store import Store


async def trust_report(
    store: Store, level: Callable[[str, str], Trust], days: float, at: datetime | None = None
) -> TrustReport:
    """Of incidents that were opened, and orders that were made, in so many days."""
    now = at or datetime.now(UTC)
    since = now - timedelta(days=days)
    incidents = await store.incidents(limit=None, since=since)
    names = {incident.id for incident in incidents}
    cost = await store.model_cost(since=since)
    facts = Facts(
        incidents=tuple(incidents),
        orders=tuple(await store.orders(limit=None, since=since)),
        handed_over=await store.handed_over(since),
        vetoes=tuple(veto for veto in await store.vetoes() if veto.incident in names),
        votes=tuple(await store.votes(since)),
        step_downs=tuple(await store.step_downs()),
        requests=cost.requests,
        tokens=cost.tokens,
        money=cost.money,
    )
    return report(facts, level, since, now)
