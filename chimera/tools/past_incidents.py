from __future__ import annotations

from chimera.domain import Evidence, Incident, Principal
from chimera.platform.store.store import Store
from chimera.tools.base import Look, evidence_id, tool

SEARCHED = 200
SHOWN = 5


@tool
async def past_incidents(
    service: str = "", besides: str = "", *, who: Principal, store: Store
) -> Look:
    """Earlier incidents of a service or caused by it (of all, if none is named), newest first, and
    how they were closed."""
    every = await store.incidents(limit=SEARCHED)
    like = [i for i in every if i.id != besides and i.resolved is not None and about(i, service)]
    evidence = []
    for incident in like[:SHOWN]:
        best = incident.diagnosis.best if incident.diagnosis else None
        cause = (best.cause if best else None) or "no cause was named"
        closed = incident.close_code or "resolved"
        query = f"incident {incident.id}"
        postmortem = await store.postmortem(incident.id)
        evidence.append(
            Evidence(
                id=evidence_id("past_incidents", query),
                tool="past_incidents",
                claim=f"{incident.id} ({incident.title}) was like this; its cause: {cause}; it was {closed}",
                query=query,
                began=incident.began,
                ended=incident.resolved,
                excerpt=postmortem or "",
                link=incident.thread or "",
                untrusted=True,  # people and logs had a say in its text
            )
        )
    return Look(tuple(evidence), tuple(like))


def about(incident: Incident, service: str) -> bool:
    """Whether the service showed symptoms or was to blame."""
    if not service:
        return True
    best = incident.diagnosis.best if incident.diagnosis else None
    return service in (incident.service, *incident.services, best.target if best else None)
