"""Bot Connector, as far as a bot can tell; and a plain webhook."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from chimera.sandbox.standins.adaptive_card import BIGGEST, complaint
from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.secrets import Secrets
from chimera.sandbox.standins.teams_images import TeamsImages
from chimera.sandbox.standins.teams_login import TeamsLogin
from chimera.sandbox.standins.teams_pace import Pace
from chimera.sandbox.standins.tenant import SHOWN, Message, Tenant

SERVICE = "/teams/connector"


class ConnectorError(Exception):
    """An answer with `{"error": {code, message}}`."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers
        self.body = {"error": {"code": code, "message": message}}


class Teams:
    """What a bot posts, edits and deletes; `calls_per_second` more than that is answered with 429."""

    def __init__(
        self,
        book: Book,
        secrets: Secrets,
        tenant: Tenant,
        login: TeamsLogin,
        images: TeamsImages,
        calls_per_second: int = 50,
    ) -> None:
        self._book = book
        self._tenant = tenant
        self._login = login
        self._webhook_key = secrets.teams_webhook_key
        self._images = images
        self._pace = Pace(calls_per_second)

    def routes(self) -> list[web.RouteDef]:
        activities = SERVICE + "/v3/conversations/{conversation}/activities"
        return [
            web.post(SERVICE + "/v3/conversations", self.answer),
            web.get(SERVICE + "/v3/conversations/{conversation}/pagedmembers", self.answer),
            web.post(activities, self.answer),
            web.post(activities + "/{activity}", self.answer),
            web.put(activities + "/{activity}", self.answer),
            web.delete(activities + "/{activity}", self.answer),
            web.post("/teams/webhook/{key}", self.webhook),
        ]

    async def answer(self, request: web.Request) -> web.Response:
        """One call: token, rate, size, conversation, activity."""
        if not self._login.opens(request, "connector"):
            self._book.write("teams", "refused", {"status": 401, "path": request.path})
            said = {"message": "Authorization has been denied for this request."}
            return web.json_response(said, status=401)
        try:
            self._held(request)
            done = await self._carried_out(request)
            return web.json_response(done, status=200 if request.method == "GET" else 201)
        except ConnectorError as error:
            self._book.write("teams", "refused", {"status": error.status, **error.body})
            return web.json_response(error.body, status=error.status, headers=error.headers)

    def _held(self, request: web.Request) -> None:
        thread = request.match_info.get("conversation", "") if request.method == "POST" else ""
        if wait := self._pace.wait(thread):
            retry = {"Retry-After": str(wait)}
            raise ConnectorError(429, "TooManyRequests", "API calls quota exceeded!", **retry)

    async def _carried_out(self, request: web.Request) -> dict[str, Any]:
        conversation = request.match_info.get("conversation")
        at = request.match_info.get("activity", "")
        body = {} if request.method in ("GET", "DELETE") else await sent(request)
        if conversation is None:
            return self._begin(body)
        place = self._tenant.place(conversation)
        if place is None:
            raise ConnectorError(404, "ConversationNotFound", "Conversation not found.")
        where, root = place
        if request.method == "GET":
            return {"members": [self._tenant.person(user) for user in self._tenant.users]}
        if not at and body.get("type") == "typing":
            self._book.write("teams", "typing", {"where": where, "root": root})
            return {"id": self._tenant.new_id()}
        if not at:
            return {"id": self._posted(where, root, body)["id"]}
        old = self._tenant.message(where, at)
        if old is None or old["from"]["id"] != self._tenant.bot["id"]:
            raise ConnectorError(404, "ActivityNotFoundInConversation", "Activity not found.")
        if request.method == "DELETE":
            self._tenant.remove(where, at)
            return {}
        if request.method == "POST":
            return {"id": self._posted(where, old["root"] or at, body)["id"]}
        checked(body)
        message: Message = {key: old[key] for key in ("id", "root", "at", "from")}
        message |= {"edited": True} | {key: body[key] for key in SHOWN if key in body}
        self._tenant.keep(where, message)
        for user in self._tenant.users:  # everybody sees the new one
            self._book.remove("teams_view", f"{user}/{at}")
        self._images.look(message)
        self._book.write("teams", "updated", {"where": where, "message": message})
        return {"id": at}

    def _begin(self, body: dict[str, Any]) -> dict[str, Any]:
        """A new thread in a channel."""
        channel = ((body.get("channelData") or {}).get("channel") or {}).get("id")
        if not body.get("isGroup") or not isinstance(body.get("activity"), dict):
            raise ConnectorError(400, "BadSyntax", "isGroup and activity are required.")
        if (body.get("bot") or {}).get("id") != self._tenant.bot["id"]:
            raise ConnectorError(
                400, "BadSyntax", "Incorrect conversation creation parameters: bot."
            )
        if channel not in self._tenant.channels or body.get("tenantId") != self._tenant.id:
            said = "The bot is not part of the conversation roster."
            raise ConnectorError(403, "BotNotInConversationRoster", said)
        message = self._posted(channel, "", body["activity"])
        return {"id": f"{channel};messageid={message['id']}", "activityId": message["id"]}

    def _posted(self, where: str, root: str, body: dict[str, Any]) -> dict[str, Any]:
        checked(body)
        message = self._tenant.write(where, root, {**body, "from": self._tenant.bot})
        self._book.write("teams", "posted", {"where": where, "message": message})
        self._images.look(message)
        return message

    async def webhook(self, request: web.Request) -> web.Response:
        """What a workflow's address takes: a message with one card; 202, as it works later."""
        if request.match_info["key"] != self._webhook_key:
            self._book.write("teams", "refused", {"status": 401, "path": "webhook"})
            said = {"error": {"code": "Unauthorized", "message": "The signature is not valid."}}
            return web.json_response(said, status=401)
        try:
            body = await sent(request)
            checked(body)
        except ConnectorError as error:
            return web.json_response(error.body, status=error.status)
        channel = next(iter(self._tenant.channels))
        flow = {"id": "flow", "name": "Workflows"}
        message = self._tenant.write(channel, "", {**body, "from": flow})
        self._book.write("teams", "webhook", {"where": channel, "message": message})
        return web.Response(status=202)


async def sent(request: web.Request) -> dict[str, Any]:
    """A JSON object within the limit. Raises ConnectorError."""
    content = await request.read()
    if len(content) > BIGGEST:
        raise ConnectorError(413, "MessageSizeTooBig", "Message size too large.")
    try:
        body = json.loads(content)
    except ValueError as error:
        raise ConnectorError(400, "BadSyntax", "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise ConnectorError(400, "BadSyntax", "The body is not an object.")
    return body


def checked(activity: dict[str, Any]) -> None:
    """Raises ConnectorError."""
    if activity.get("type") != "message":
        raise ConnectorError(400, "BadArgument", "Unknown activity type.")
    attachments = activity.get("attachments") or []
    if not activity.get("text") and not attachments:
        raise ConnectorError(400, "BadArgument", "A message needs text or attachments.")
    for attachment in attachments:
        if said := complaint(attachment):
            raise ConnectorError(400, "BadArgument", said)
