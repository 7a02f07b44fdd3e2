"""What people write in Teams, sent to the bot with a token; and again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web

from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.interactions import sent
from chimera.sandbox.standins.teams import SERVICE
from chimera.sandbox.standins.teams_login import TeamsLogin
from chimera.sandbox.standins.tenant import Tenant

PATIENCE = 15.0  # seconds until Teams says that the app did not respond
AT = re.compile(r"@(\w+)")


class TeamsTalk:
    """POST /teams/say: a person writes. POST /teams/again: it is delivered again."""

    def __init__(
        self, book: Book, tenant: Tenant, login: TeamsLogin, events_url: str | None
    ) -> None:
        self._book = book
        self._tenant = tenant
        self._login = login
        self.events_url = events_url
        self._sent: dict[str, dict[str, Any]] = {}  # activities by their id

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/teams/say", self.say),
            web.post("/teams/again", self.again),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """{user, text, where, root, deliveries}: `@Chimera` in a text is a mention, so is a name.

        Without a place it is the team's first channel; `personal` is the chat with the bot alone.
        """
        asked = await sent(request)
        user, text = self.user(asked), str(asked.get("text", ""))
        where = str(asked.get("where") or next(iter(self._tenant.channels)))
        where = f"a:{user}" if where == "personal" else where
        root = str(asked.get("root") or "")
        if self._tenant.place(f"{where};messageid={root}" if root else where) is None:
            raise web.HTTPNotFound(text="there is no such channel or thread")
        entities = [self._mention(name) for name in AT.findall(text)]
        known = [one for one in entities if one]
        for one in known:
            text = text.replace(f"@{one['mentioned']['name']}", one["text"])
        person = self._tenant.person(user)
        message = self._tenant.write(where, root, {"from": person, "text": text})
        base = self.base(request, user, where, root or message["id"])
        activity = {**base, "id": message["id"], "type": "message", "text": text}
        activity |= {"textFormat": "plain", "entities": known}
        return await self._told(request, activity, asked)

    async def again(self, request: web.Request) -> web.Response:
        """{id, deliveries}: as Teams does with what was not answered in time."""
        asked = await sent(request)
        activity = self._sent.get(str(asked.get("id", "")))
        if activity is None:
            raise web.HTTPNotFound(text="nothing of this name was sent")
        return await self._told(request, activity, asked)

    def user(self, asked: Mapping[str, Any]) -> str:
        if (user := str(asked.get("user", ""))) not in self._tenant.users:
            raise web.HTTPNotFound(text="there is no such user")
        return user

    def _mention(self, name: str) -> dict[str, Any] | None:
        people = [self._tenant.person(user) for user in self._tenant.users]
        for one in (self._tenant.bot, *people):
            if one["name"] == name:
                return {"type": "mention", "mentioned": one, "text": f"<at>{name}</at>"}
        return None

    def base(self, request: web.Request, user: str, where: str, root: str) -> dict[str, Any]:
        """What every activity carries."""
        personal = where.startswith("a:")
        team = {"id": where, "aadGroupId": self._tenant.team, "name": "Panther"}
        shared = {} if personal else {"team": team, "channel": {"id": where}}
        return {
            "channelId": "msteams",
            "serviceUrl": f"{request.scheme}://{request.host}{SERVICE}/",
            "timestamp": datetime.now(UTC).isoformat(),
            "from": self._tenant.person(user),
            "recipient": self._tenant.bot,
            "conversation": {
                "id": where if personal else f"{where};messageid={root}",
                "conversationType": "personal" if personal else "channel",
                "isGroup": not personal,
                "tenantId": self._tenant.id,
            },
            "channelData": {"tenant": {"id": self._tenant.id}, **shared},
            "locale": "en-US",
        }

    async def _told(
        self, request: web.Request, activity: dict[str, Any], asked: Mapping[str, Any]
    ) -> web.Response:
        replies = await self.deliver(activity, int(asked.get("deliveries", 1)))
        if request.content_type != "application/json":
            raise web.HTTPSeeOther("/teams")  # a form of the page
        return web.json_response({"id": activity["id"], "replies": replies})

    async def deliver(self, activity: dict[str, Any], deliveries: int) -> list[dict[str, Any]]:
        if self.events_url is None:
            raise web.HTTPServiceUnavailable(text="started without --teams-events: nobody to tell")
        self._sent[activity["id"]] = activity
        replies = [await self._post(activity) for _ in range(deliveries)]
        self._book.write("teams", "delivered", {"activity": activity, "replies": replies})
        return replies

    async def _post(self, activity: dict[str, Any]) -> dict[str, Any]:
        """Send it to the bot; what it answered."""
        assert self.events_url is not None
        headers = {"Authorization": f"Bearer {self._login.signed(activity['serviceUrl'])}"}
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.events_url, json=activity, headers=headers) as reply,
            ):
                is_json = reply.content_type == "application/json"
                body = await (reply.json() if is_json else reply.text())
                return {"status": reply.status, "body": body}
        except (TimeoutError, aiohttp.ClientError) as error:
            return {"status": 0, "body": f"BotError: {type(error).__name__}"}
