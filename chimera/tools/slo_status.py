from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from chimera.domain import Estate, Evidence, NotFound, Principal
from chimera.platform.access.similar import or_near
from chimera.platform.observability.prometheus import Prometheus
from chimera.platform.settings import Settings
from chimera.platform.slo import Budget, read_budget
from chimera.platform.slo.expressions import bad_share
from chimera.tools.base import Look, evidence_id, tool


@tool
async def slo_status(
    name: str = "",
    at: datetime | None = None,
    *,
    who: Principal,
    estate: Estate,
    prometheus: Prometheus,
    settings: Settings,
) -> Look:
    """What was promised and what is left of the error budgets: of one service level, of one service
    or dataset, or (without a name) of all. No data is said as no data."""
    # A budget costs many queries; Prometheus says first whether it is there at all.
    await prometheus.instant("vector(1)", at)
    chosen = [slo for slo in estate.slos if not name or name in (slo.name, slo.node)]
    if name and not chosen:
        if estate.node(name):
            return Look((), ())
        known = [*(slo.name for slo in estate.slos), *(node.name for node in estate.nodes)]
        raise NotFound(f"no service level is called {name!r}{or_near(name, known)}")
    interval = settings.prometheus.scrape_interval
    now = at or datetime.now(UTC)
    found = await asyncio.gather(*(read_budget(prometheus, s, interval, now) for s in chosen))
    return Look(
        tuple(shown(one, interval, prometheus) for one in found),
        tuple(found),
        any(one.partial for one in found),
    )


def shown(budget: Budget, interval: float, prometheus: Prometheus) -> Evidence:
    slo = budget.slo
    query = bad_share(slo, slo.window, interval)
    left = "no data" if budget.left is None else f"{budget.left:.1%} of the budget is left"
    return Evidence(
        id=evidence_id("slo_status", query),
        tool="slo_status",
        claim=f"{slo.name} ({slo.objective * 100:g} % of {slo.node}): {budget.state}, {left}",
        query=query,
        ended=budget.at,
        link=prometheus.link(query),
        partial=budget.partial,
    )
