"""Teams for people: threads with their cards, buttons, and a line to write on."""

from __future__ import annotations

from aiohttp import web
from jinja2 import Environment, PackageLoader, select_autoescape

from chimera.sandbox.standins.teams_dialogs import TeamsDialogs
from chimera.sandbox.standins.teams_presses import TeamsPresses
from chimera.sandbox.standins.tenant import Tenant


class TeamsPage:
    """/teams, and where links to messages lead."""

    def __init__(self, tenant: Tenant, presses: TeamsPresses, dialogs: TeamsDialogs) -> None:
        self._tenant = tenant
        self._presses = presses
        self._dialogs = dialogs
        self._templates = Environment(
            loader=PackageLoader("chimera.sandbox.standins", "web"),
            autoescape=select_autoescape(default=True),
        )

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/teams", self.page),
            web.get("/teams/l/message/{channel}/{id}", self.message),
        ]

    async def page(self, _: web.Request) -> web.Response:
        messages = self._tenant.messages()
        heads = [one for one in reversed(messages) if not one["root"]]
        threads = [
            (head, [m for m in messages if (m["where"], m["root"]) == (head["where"], head["id"])])
            for head in heads
        ]
        text = self._templates.get_template("teams.html").render(
            threads=threads,
            users=self._tenant.users,
            channels=self._tenant.channels,
            answers=self._presses.answers()[:10],
            dialogs=self._dialogs.open(),
        )
        return web.Response(text=text, content_type="text/html")

    async def message(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/teams#m{request.match_info['id']}")
