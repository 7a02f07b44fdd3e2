"""The stand-ins as one web application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from chimera.platform.loopback import is_loopback
from chimera.sandbox.standins.attachments import Attachments
from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.interactions import PATIENCE, Interactions
from chimera.sandbox.standins.language import Language
from chimera.sandbox.standins.mischief import Behaviour
from chimera.sandbox.standins.page import Pager
from chimera.sandbox.standins.pages import Pages
from chimera.sandbox.standins.secrets import Secrets
from chimera.sandbox.standins.servicenow import ServiceNow
from chimera.sandbox.standins.slack import Slack
from chimera.sandbox.standins.slack_files import SlackFiles
from chimera.sandbox.standins.slack_socket import SlackSocket
from chimera.sandbox.standins.slack_talk import SlackTalk
from chimera.sandbox.standins.slack_views import SlackViews
from chimera.sandbox.standins.teams import Teams
from chimera.sandbox.standins.teams_dialogs import TeamsDialogs
from chimera.sandbox.standins.teams_graph import TeamsGraph
from chimera.sandbox.standins.teams_images import TeamsImages
from chimera.sandbox.standins.teams_login import LOGIN, TeamsLogin
from chimera.sandbox.standins.teams_page import TeamsPage
from chimera.sandbox.standins.teams_presses import TeamsPresses
from chimera.sandbox.standins.teams_talk import TeamsTalk
from chimera.sandbox.standins.tenant import Tenant
from chimera.sandbox.standins.triggers import LIFE, Triggers
from chimera.sandbox.standins.workspace import Workspace

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BIGGEST_BODY = 4 * 1024**2


def build(
    home: Path,
    secrets: Secrets,
    slack_events: str | None = None,
    calls_per_second: int = 50,
    patience: float = PATIENCE,
    trigger_life: float = LIFE,
    teams_events: str | None = None,
) -> web.Application:
    """ServiceNow at /api/now, Slack at /slack/api/, Teams below /teams, the pager at /page/webhook, a language model at
    /model/v1; pages for people.

    POST /misbehave makes one of them fail; GET /ledger?service= tells what they received.
    """
    home.mkdir(parents=True, exist_ok=True)
    book = Book(home / "standins.db")
    workspace = Workspace(book, secrets)
    behaviour = Behaviour()
    servicenow = ServiceNow(book, secrets)
    attachments = Attachments(book, servicenow)
    files = SlackFiles(book, workspace)
    triggers = Triggers(trigger_life)
    socket = SlackSocket(book, secrets.slack_app_token, patience)
    interactions = Interactions(book, secrets, workspace, slack_events, triggers, socket, patience)
    views = SlackViews(book, workspace, interactions)
    slack = Slack(book, secrets, workspace, files, views, socket, calls_per_second)
    talk = SlackTalk(workspace, interactions)
    tenant, login = Tenant(book, secrets), TeamsLogin(secrets)
    teams_talk, images = TeamsTalk(book, tenant, login, teams_events), TeamsImages(book)
    presses = TeamsPresses(book, tenant, teams_talk)
    dialogs = TeamsDialogs(book, presses)
    teams = (
        *(login, teams_talk, presses, dialogs),
        Teams(book, secrets, tenant, login, images, calls_per_second),
        *(TeamsGraph(secrets, tenant, login), TeamsPage(tenant, presses, dialogs)),
    )
    pager = Pager(book, secrets)
    language = Language(book, secrets)
    pages = Pages(servicenow, workspace, interactions, views, pager)

    async def ledger(request: web.Request) -> web.Response:
        return web.json_response(book.lines(request.query.get("service")))

    async def ready(_: web.Request) -> web.Response:
        return web.json_response({"ready": True})

    async def close(_: web.Application) -> None:
        book.close()

    app = web.Application(
        middlewares=[same_origin, behaviour.middleware], client_max_size=BIGGEST_BODY
    )
    for part in (
        *(servicenow, attachments, slack, files, interactions, talk, views, socket),
        *(pager, pages, language, *teams),
    ):
        app.add_routes(part.routes())
    app.add_routes(
        [
            web.get("/ledger", ledger),
            web.get("/-/ready", ready),
            web.post("/misbehave", behaviour.order),
            web.get("/misbehave", behaviour.show),
        ]
    )
    app[LOGIN] = login  # who wants to forge a token needs its keys
    app.on_shutdown.append(behaviour.stop)
    app.on_shutdown.append(language.stop)
    app.on_shutdown.append(socket.stop)
    app.on_shutdown.append(images.stop)
    app.on_cleanup.append(close)
    return app


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> Any:
    """No other web page may press a button here through a person's browser."""
    origin = request.headers.get("Origin")
    if not is_loopback(f"http://{request.host}"):
        raise web.HTTPForbidden(text="the stand-ins answer on this machine only")
    if origin and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="another site's page may not do this")
    return await handler(request)
