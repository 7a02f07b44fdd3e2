"""Incidents: look, acknowledge, resolve."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from chimera.api.means import Use, Who
from chimera.domain import Dossier, Event, Incident, NotFound, Veto

router = APIRouter(tags=["incidents"])


class Note(BaseModel):
    note: str = Field("", max_length=4000)


class Doubt(BaseModel):
    target: str = Field("", max_length=255)  # the cause that is meant; the first one if not given
    note: str = Field("", max_length=4000)


class HandOver(BaseModel):
    to: str = Field("", max_length=255)  # a person or a team; whoever asks if not given
    note: str = Field("", max_length=4000)
    dry_run: bool = False


class HandedOver(BaseModel):
    incident: str
    to: str


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


@router.post("/incidents/{incident_id}/handover")
async def hand_over(incident_id: str, wish: HandOver, use: Use, who: Who) -> HandedOver:
    """Give it to a person or a team: Chimera starts no further repair of it and tells everybody."""
    to = await use.desk.hand_over(incident_id, wish.to, wish.note, who, wish.dry_run)
    return HandedOver(incident=incident_id, to=to)


@router.get("/incidents/{incident_id}/dossier")
async def dossier(incident_id: str, use: Use) -> Dossier:
    """What the diagnosis looked at: series, log templates, changes; 404 until a cause is named."""
    await use.store.incident(incident_id)
    found = await use.store.dossier(incident_id)
    if found is None:
        raise NotFound(f"{incident_id} has no dossier: no investigation has named a cause")
    return found


@router.get("/incidents/{incident_id}/vetoes")
async def vetoes(incident_id: str, use: Use) -> list[Veto]:
    """Who said that something was not the cause, oldest first."""
    await use.store.incident(incident_id)
    return await use.store.vetoes(incident_id)


@router.post("/incidents/{incident_id}/veto")
async def veto(incident_id: str, doubt: Doubt, use: Use, who: Who) -> Veto:
    """Say that a cause was not the cause. It counts for incidents that open from now on."""
    return await use.desk.veto(incident_id, who, doubt.target, doubt.note)


@router.post("/incidents/{incident_id}/veto/undo")
async def unveto(incident_id: str, use: Use, who: Who) -> list[Veto]:
    """Take one's own vetoes of this incident back."""
    await use.desk.unveto(incident_id, who)
    return await use.store.vetoes(incident_id)
