"""Incidents: look, acknowledge, resolve."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from chimera.api.means import Use, Who
from chimera.domain import Event, Incident, NotFound

router = APIRouter(tags=["incidents"])


class Note(BaseModel):
    note: str = Field("", max_length=4000)


class PostMortem(BaseModel):
    incident: str
    text: str


@router.get("/incidents")
async def list_incidents(
    use: Use, open_only: bool = False, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[Incident]:
    """Newest first."""
    return await use.store.incidents(open_only=open_only, limit=limit)


@router.get("/incidents/{incident_id}")
async def show_incident(incident_id: str, use: Use) -> Incident:
    return await use.store.incident(incident_id)


@router.get("/incidents/{incident_id}/events")
async def timeline(incident_id: str, use: Use) -> list[Event]:
    """The incident's timeline, oldest first."""
    await use.store.incident(incident_id)
    return await use.store.events(incident_id)


@router.get("/incidents/{incident_id}/postmortem")
async def post_mortem(incident_id: str, use: Use) -> PostMortem:
    """The post-mortem, in Markdown; 404 until the incident is resolved."""
    incident = await use.store.incident(incident_id)
    text = await use.store.postmortem(incident_id)
    if text is None:
        raise NotFound(
            f"{incident_id} has no post-mortem yet; it is written when the incident is resolved "
            f"(now: {incident.phase.value})"
        )
    return PostMortem(incident=incident_id, text=text)


@router.get("/postmortems")
async def search_post_mortems(
    use: Use,
    text: Annotated[str, Query(min_length=1, max_length=400)],
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> list[PostMortem]:
    """Those that hold every word, newest first."""
    found = await use.store.search_postmortems(text, limit)
    return [PostMortem(incident=incident, text=body) for incident, body in found]


@router.post("/incidents/{incident_id}/ack")
async def acknowledge(incident_id: str, use: Use, who: Who) -> Incident:
    """Say that somebody looks at it."""
    await use.desk.acknowledge(incident_id, who)
    return await use.store.incident(incident_id)


@router.post("/incidents/{incident_id}/resolve")
async def resolve(incident_id: str, note: Note, use: Use, who: Who) -> Incident:
    """Say that it is over."""
    await use.desk.resolve(incident_id, who, note.note)
    return await use.store.incident(incident_id)
