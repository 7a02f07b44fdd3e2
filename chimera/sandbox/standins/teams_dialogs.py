"""Dialogs: opened by a button, filled in and sent by a person, one open at a time."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from chimera.sandbox.standins.adaptive_card import actions, filled, unfilled
from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.interactions import sent
from chimera.sandbox.standins.teams_answers import DIALOG
from chimera.sandbox.standins.teams_presses import TeamsPresses

Dialog = dict[str, Any]


class TeamsDialogs:
    """POST /teams/submit {user, values, deliveries}; GET /teams/dialog/{user}."""

    def __init__(self, book: Book, presses: TeamsPresses) -> None:
        self._book = book
        self._presses = presses

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/teams/submit", self.submit),
            web.get("/teams/dialog/{user}", self.show),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """What a person sees; null if nothing is open."""
        return web.json_response(self._book.get(DIALOG, request.match_info["user"]))

    def open(self) -> dict[str, Dialog]:
        """For the page: by person."""
        return {one["user"]: one for one in self._book.all(DIALOG) if one.get("card")}

    async def submit(self, request: web.Request) -> web.Response:
        """The client checks what was filled in, then sends it with what the button carries."""
        asked = await sent(request)
        user = str(asked.get("user", ""))
        dialog = self._book.get(DIALOG, user)
        if dialog is None or not dialog.get("card"):
            raise web.HTTPConflict(text="no dialog is open")
        is_form = request.content_type != "application/json"
        values = dict(asked) if is_form else dict(asked.get("values") or {})
        if wrong := unfilled(dialog["card"], values):
            self._book.put(DIALOG, user, {**dialog, "errors": wrong})
            became: dict[str, Any] = {"became": "not sent", "errors": wrong}
        else:
            submit = actions(dialog["card"])[0]
            data = {**submit.get("data", {}), **filled(dialog["card"], values)}
            activity = {**dialog["base"], "type": "invoke", "name": "task/submit"}
            activity |= {"value": {"data": data, "context": {"theme": "default"}}}
            replies = await self._presses.invoke(user, activity, int(asked.get("deliveries", 1)))
            shown = self._book.get(DIALOG, user) or {}
            became = {"became": shown.get("became"), "said": shown.get("said"), "replies": replies}
        if is_form:
            raise web.HTTPSeeOther("/teams")
        return web.json_response(became)
