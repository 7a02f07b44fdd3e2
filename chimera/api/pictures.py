"""The pictures of an incident: history, what was expected, the anomaly."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from chimera.api.means import Use
from chimera.domain import NotFound
from chimera.platform.pictures.gallery import Shown

router = APIRouter(tags=["incidents"])

MEDIA = {"png": "image/png", "svg": "image/svg+xml"}
# A picture is nothing but a picture, even when somebody opens it by itself.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=15",
}


@router.get("/incidents/{incident_id}/pictures")
async def list_pictures(incident_id: str, use: Use) -> list[Shown]:
    """One an anomaly, what users feel and what surprises most first."""
    await use.store.incident(incident_id)
    return await use.gallery.of(incident_id) if use.gallery else []


@router.get(
    "/incidents/{incident_id}/pictures/{picture}",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in MEDIA.values()}}},
)
async def show_picture(incident_id: str, picture: str, use: Use) -> Response:
    """`{anomaly}.svg` or `{anomaly}.png`, drawn now from what Prometheus has."""
    await use.store.incident(incident_id)
    anomaly, _, form = picture.rpartition(".")
    if use.gallery is None or form not in ("png", "svg"):
        raise NotFound(f"there is no picture {picture!r}; they are called <anomaly>.svg or .png")
    content = await use.gallery.draw(incident_id, anomaly, "png" if form == "png" else "svg")
    return Response(content, media_type=MEDIA[form], headers=HEADERS)
