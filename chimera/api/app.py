"""The web application: REST, webhooks and one page, behind the gate."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from importlib.metadata import version

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from chimera.api import (
    alerting,
    alerts,
    audit,
    console,
    control,
    health,
    incidents,
    orders,
    pictures,
    runbooks,
    trust,
)
from chimera.api.errors import handle_errors
from chimera.api.gate import SLACK_PATH, TEAMS_PATH, TEAMS_PICTURES, Gate
from chimera.api.means import Desk, Gallery, Means, Probe
from chimera.domain import RunbookCard
from chimera.platform.identity.people import People
from chimera.platform.settings import Settings
from chimera.platform.store.store import Store
from chimera.platform.telemetry import metrics
from chimera.platform.telemetry.traces import instrument

Handler = Callable[[Request], Awaitable[Response]]


def create_app(
    settings: Settings,
    store: Store,
    desk: Desk,
    people: People,
    cards: Mapping[str, RunbookCard] | None = None,
    slack_handler: Handler | None = None,
    probes: Mapping[str, Probe] | None = None,
    gallery: Gallery | None = None,
    teams_handler: Handler | None = None,
    teams_pictures: Handler | None = None,
) -> FastAPI:
    """Build the app. It owns nothing that it was given: the caller closes it.

    `slack_handler`, `teams_handler` and `teams_pictures` answer requests that they verify; `probes` are what
    /-/ready asks beside the store, by name ("temporal" is what an alert rule looks at); `gallery`
    draws incidents' pictures.
    """
    means = Means(settings, store, desk, people, cards or {}, probes or {}, gallery)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        metrics.running("api")
        asking = asyncio.create_task(health.keep_asking(means))
        try:
            yield
        finally:
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking

    app = FastAPI(
        title="Chimera", version=version("chimera-aiops"), lifespan=lifespan, redoc_url=None
    )
    app.state.means = means
    app.add_middleware(Gate, means=means, sign_in_page=console.sign_in_page)
    handle_errors(app)
    app.include_router(health.router)
    app.include_router(console.router)
    api = APIRouter(prefix="/api/v1")
    for room in (control, incidents, pictures, orders, runbooks, alerts, alerting, audit, trust):
        api.include_router(room.router)
    app.include_router(api)
    if slack_handler is not None:
        app.add_api_route(SLACK_PATH, slack_handler, methods=["POST"], include_in_schema=False)
    if teams_handler is not None:
        app.add_api_route(TEAMS_PATH, teams_handler, methods=["POST"], include_in_schema=False)
    if teams_pictures is not None:
        path = TEAMS_PICTURES + "{token}"
        app.add_api_route(path, teams_pictures, methods=["GET", "HEAD"], include_in_schema=False)
    instrument(app)
    return app
