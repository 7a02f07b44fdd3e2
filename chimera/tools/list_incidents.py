from __future__ import annotations

from datetime import datetime
from typing import Literal

from chimera.domain import Evidence, Incident, Phase, Principal
from chimera.platform.store.store import Store
from chimera.tools.base import Look, evidence_id, tool
from chimera.tools.past_incidents import about

SEARCHED = 500


@tool
async def list_incidents(
    state: Literal["open", "resolved", "all"] = "open",
    service: str = "",
    since: datetime | None = None,
    *,
    who: Principal,
    store: Store,
) -> Look:
    """Incidents, newest first: the open ones, the resolved ones or all; of one service or of all;
    those that lasted beyond `since`. Use for "is anything wrong" and "what happened"."""
    every = await store.incidents(open_only=state == "open", limit=SEARCHED)
    found = tuple(
        one
        for one in every
        if (state != "resolved" or one.phase is Phase.RESOLVED)
        and about(one, service)
        and (since is None or (one.resolved or since) >= since)
    )
    return Look(tuple(shown(one) for one in found), found)


def shown(incident: Incident) -> Evidence:
    """An incident as evidence. Its title may hold what others wrote: labels, alert names."""
    query = f"incident {incident.id}"
    state = incident.phase.value.replace("_", " ")
    rank = f"{incident.priority.value}, " if incident.priority else ""
    return Evidence(
        id=evidence_id("list_incidents", query),
        tool="list_incidents",
        claim=f"{incident.id} ({rank}{state}) since {incident.began:%Y-%m-%d %H:%M:%S} UTC: "
        f"{incident.title}",
        query=query,
        began=incident.began,
        ended=incident.resolved,
        excerpt=incident.impact,
        link=incident.thread or "",
        untrusted=True,
    )
