"""Modals and Home tabs: opened with a trigger id, published, filled in and sent by people."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from chimera.sandbox.standins import view_kit
from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.interactions import Interactions, sent
from chimera.sandbox.standins.workspace import APP_ID, BOT_ID, TEAM_NAME, SlackError, Workspace

View = dict[str, Any]


class SlackViews:
    """One open modal a person, one Home tab a person; both are in the Book."""

    def __init__(self, book: Book, workspace: Workspace, interactions: Interactions) -> None:
        self._book = book
        self._workspace = workspace
        self._interactions = interactions

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/slack/home", self.opened),
            web.get("/slack/view/{kind}/{user}", self.show),
            web.post("/slack/submit", self.submit),
        ]

    def open(self, arguments: dict[str, Any], _: web.Request) -> dict[str, Any]:
        """views.open"""
        user = self._interactions.triggers.spend(str(arguments.get("trigger_id") or ""))
        return {"view": self._keep("modal", user, arguments.get("view"))}

    def publish(self, arguments: dict[str, Any], _: web.Request) -> dict[str, Any]:
        """views.publish"""
        user = str(arguments.get("user_id") or "")
        if user not in self._workspace.users:
            raise SlackError("user_not_found")
        return {"view": self._keep("home", user, arguments.get("view"))}

    def _keep(self, kind: str, user: str, view: Any, view_id: str = "") -> View:
        if said := view_kit.view_complaints(view, kind):
            raise SlackError("invalid_arguments", response_metadata={"messages": said})
        blocks = [{"block_id": f"b{n}", **block} for n, block in enumerate(view["blocks"])]
        kept = {
            "private_metadata": "",
            "callback_id": "",
            **view,
            "blocks": blocks,
            "id": view_id or f"V{self._book.next('slack_view'):09d}",
            "hash": f"{time.time():.0f}.{uuid.uuid4().hex[:8]}",
            "team_id": self._workspace.team,
            "app_id": APP_ID,
            "bot_id": BOT_ID,
            "state": {"values": {}},
        }
        self._book.put("slack_view", f"{kind}/{user}", kept)
        self._book.write("slack", "view", {"user": user, "view": kept})
        return kept

    async def opened(self, request: web.Request) -> web.Response:
        """{user}: a person opens the app's Home tab."""
        asked = await sent(request)
        user = str(asked.get("user", ""))
        if user not in self._workspace.users:
            raise web.HTTPNotFound(text="there is no such user")
        body = {
            "type": "event_callback",
            "team_id": self._workspace.team,
            "api_app_id": APP_ID,
            "event": {
                "type": "app_home_opened",
                "user": user,
                "channel": f"D{user[1:]}",
                "tab": "home",
                "event_ts": f"{time.time():.6f}",
                **({"view": v} if (v := self._book.get("slack_view", f"home/{user}")) else {}),
            },
            "event_id": f"Ev{uuid.uuid4().hex[:10].upper()}",
            "event_time": int(time.time()),
            "authorizations": [],
        }
        return await self._interactions.deliver(request, json.dumps(body), asked, {"home": user})

    async def show(self, request: web.Request) -> web.Response:
        """GET /slack/view/{modal|home}/{user}: what the person sees, or null."""
        kind, user = request.match_info["kind"], request.match_info["user"]
        return web.json_response(self._book.get("slack_view", f"{kind}/{user}"))

    async def submit(self, request: web.Request) -> web.Response:
        """{user, values: {block_id: text}}: a person sends the modal that is open for them.

        The answer tells what became of it: closed, updated, or errors by block.
        """
        asked = await sent(request)
        user = str(asked.get("user", ""))
        key = f"modal/{user}"
        view = self._book.get("slack_view", key)
        if view is None:
            raise web.HTTPConflict(text="no form is open for this person")
        try:
            given = asked.get("values") or asked  # a form of the page has them beside the user
            values = view_kit.filled(view, {str(k): str(v) for k, v in given.items()})
        except ValueError as error:
            raise web.HTTPConflict(text=str(error)) from error
        name = self._workspace.users[user]
        payload = {
            "type": "view_submission",
            "team": {"id": self._workspace.team, "domain": TEAM_NAME},
            "user": {"id": user, "username": name, "name": name, "team_id": self._workspace.team},
            "api_app_id": APP_ID,
            "trigger_id": self._interactions.triggers.issue(user),
            "view": {**sent_back(view), "state": {"values": values}},
            "response_urls": [],
            "is_enterprise_install": False,
            "enterprise": None,
        }
        body = urlencode({"payload": json.dumps(payload)})
        answer = await self._interactions.send(body, asked)
        became = self._after(key, user, view, answer)
        self._book.write("slack", "submitted", {"user": user, **became})
        if request.content_type != "application/json":
            raise web.HTTPSeeOther("/slack")
        return web.json_response({**answer, **became})

    def seen(self, kind: str) -> dict[str, View]:
        """For the page: what each person has open."""
        views = {u: self._book.get("slack_view", f"{kind}/{u}") for u in self._workspace.users}
        return {user: view for user, view in views.items() if view is not None}

    def _after(self, key: str, user: str, view: View, answer: dict[str, Any]) -> dict[str, Any]:
        if answer["status"] != 200:
            return {"became": "trouble"}  # "We had some trouble connecting. Try again?"
        said = json.loads(answer["body"]) if answer["body"] else {}
        match said.get("response_action"):
            case "errors":
                if strange := set(said["errors"]) - set(view_kit.inputs(view)):
                    return {"became": "trouble", "why": f"no such input: {sorted(strange)}"}
                self._book.put("slack_view", key, {**view, "errors": said["errors"]})
                return {"became": "errors", "errors": said["errors"]}
            case "update":
                try:
                    self._keep("modal", user, said["view"], view["id"])
                except SlackError as error:
                    return {"became": "trouble", "why": error.body}
                return {"became": "updated"}
        self._book.remove("slack_view", key)
        return {"became": "closed"}


def sent_back(view: View) -> View:
    """A view without what is only for the page."""
    return {name: value for name, value in view.items() if name != "errors"}
