"""One page for people: open incidents, pauses, orders. It only shows; nothing is done from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from chimera.api.gate import COOKIE
from chimera.api.means import Use, Who

router = APIRouter(include_in_schema=False)
pages = Jinja2Templates(directory=Path(__file__).parent / "templates")

# The page has no script and loads nothing but its own pictures, so a text that slipped through could
# do nothing.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


PICTURES = 8  # on an incident's page


def sign_in_page(request: Request, status: int, said: str = "") -> Response:
    return pages.TemplateResponse(
        request, "login.html", {"said": said}, status_code=status, headers=HEADERS
    )


@router.get("/login")
async def sign_in_form(request: Request) -> Response:
    return sign_in_page(request, 200)


@router.post("/login")
async def sign_in(request: Request, token: Annotated[str, Form()], use: Use) -> Response:
    """Keep the token in a cookie that scripts cannot read and other sites cannot send."""
    if use.people.by_token(token.strip()) is None:
        return sign_in_page(request, 401, "This token belongs to nobody.")
    response = RedirectResponse("/", 303, HEADERS)
    response.set_cookie(
        COOKIE, token.strip(), max_age=12 * 3600, httponly=True, samesite="strict",
        secure=use.settings.api.url.startswith("https:"),
    )  # fmt: skip
    return response


@router.get("/logout")
async def sign_out() -> Response:
    response = RedirectResponse("/login", 303, HEADERS)
    response.delete_cookie(COOKIE)
    return response


@router.get("/")
async def console(request: Request, use: Use, who: Who) -> Response:
    incidents = await use.store.incidents(limit=30)
    values = {
        "who": who,
        "environment": use.settings.environment,
        "pauses": await use.store.pauses(),
        "hushed": await use.desk.hushed(),
        "incidents": [i for i in incidents if i.resolved is None],
        "resolved": [i for i in incidents if i.resolved is not None][:10],
        "orders": await use.store.orders(limit=20),
    }
    return pages.TemplateResponse(request, "console.html", values, headers=HEADERS)


@router.get("/incidents/{incident_id}")
async def incident_page(request: Request, incident_id: str, use: Use, who: Who) -> Response:
    pictures = await use.gallery.of(incident_id) if use.gallery else []
    values = {
        "who": who,
        "environment": use.settings.environment,
        "pauses": await use.store.pauses(),
        "hushed": await use.desk.hushed(),
        "pictures": pictures[:PICTURES],
        "unseen": len(pictures[PICTURES:]),
        "incident": await use.store.incident(incident_id),
        "events": await use.store.events(incident_id),
        "orders": await use.store.orders(incident=incident_id),
        "postmortem": await use.store.postmortem(incident_id),
    }
    return pages.TemplateResponse(request, "incident.html", values, headers=HEADERS)
