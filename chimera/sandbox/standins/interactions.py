"""What people do in Slack: press a button, write a command. Sent on, signed, as Slack does."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from chimera.sandbox.standins import block_kit
from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.secrets import Secrets
from chimera.sandbox.standins.slack_socket import SlackSocket
from chimera.sandbox.standins.triggers import Triggers
from chimera.sandbox.standins.workspace import APP_ID, TEAM_NAME, Message, Workspace

PATIENCE = 3.0  # seconds until Slack says that the app did not respond


def signature(secret: str, timestamp: str, body: str) -> str:
    """Slack's v0 signature of a request body."""
    signed = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Interactions:
    """Presses and commands; the answers are in the ledger."""

    def __init__(
        self,
        book: Book,
        secrets: Secrets,
        workspace: Workspace,
        events_url: str | None,
        triggers: Triggers,
        socket: SlackSocket,
        patience: float = PATIENCE,
    ) -> None:
        self._book = book
        self._secret = secrets.slack_signing_secret
        self._workspace = workspace
        self.events_url = events_url
        self.triggers = triggers
        self._socket = socket
        self._patience = patience

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/slack/press", self.press),
            web.post("/slack/command", self.command),
            web.post("/slack/response/{id}", self.response),
        ]

    async def press(self, request: web.Request) -> web.Response:
        """{user, ts, action_id, value, deliveries}: a person presses a button of a message, or,
        with `home` as its ts, of their Home tab. `value` tells buttons of one name apart.

        `deliveries` above 1 sends the same payload again, as Slack does with an app that is slow.
        """
        asked = await sent(request)
        user, ts = str(asked.get("user", "")), str(asked.get("ts", ""))
        message = next((m for m in self._workspace.messages() if m["ts"] == ts), None)
        if ts == "home":
            message = self._book.get("slack_view", f"home/{user}")
        if user not in self._workspace.users or message is None:
            raise web.HTTPNotFound(text="there is no such user or message")
        pressed = next(
            (
                b
                for b in block_kit.buttons(message)
                if b[1].get("action_id") == asked.get("action_id")
                and asked.get("value", b[1].get("value")) == b[1].get("value")
            ),
            None,
        )
        if pressed is None:
            raise web.HTTPConflict(text="the message has no such button (any more)")
        payload = self._payload(request, user, message, *pressed)
        body = urlencode({"payload": json.dumps(payload)})
        return await self.deliver(
            request, body, asked, {"action": payload["actions"][0], "user": user}
        )

    async def command(self, request: web.Request) -> web.Response:
        """{user, text}: a person writes `/chimera <text>`."""
        asked = await sent(request)
        user = str(asked.get("user", ""))
        if user not in self._workspace.users:
            raise web.HTTPNotFound(text="there is no such user")
        channel, name = next(iter(self._workspace.channels.items()))
        fields = {
            "team_id": self._workspace.team,
            "team_domain": TEAM_NAME,
            "channel_id": channel,
            "channel_name": name,
            "user_id": user,
            "user_name": self._workspace.users[user],
            "command": "/chimera",
            "text": str(asked.get("text", "")),
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": response_url(request),
            "trigger_id": self.triggers.issue(user),
        }
        return await self.deliver(
            request, urlencode(fields), asked, {"command": fields["text"], "user": user}
        )

    async def response(self, request: web.Request) -> web.Response:
        """A response_url: the app's answer, which only the person who pressed sees."""
        answer = await request.json()
        self._book.write("slack", "response", {"id": request.match_info["id"], "answer": answer})
        return web.json_response({"ok": True})

    def responses(self) -> list[dict[str, Any]]:
        """For the page."""
        return [line for line in self._book.lines("slack") if line["event"] == "response"]

    async def deliver(
        self, request: web.Request, body: str, asked: Mapping[str, Any], what: dict[str, Any]
    ) -> web.Response:
        reply = await self.send(body, asked)
        replies = reply["replies"]
        self._book.write("slack", "interaction", {**what, "replies": replies})
        if request.content_type != "application/json":
            raise web.HTTPSeeOther("/slack")  # a form of the page
        return web.json_response(reply)

    async def send(self, body: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The first reply, and in `replies` those to every delivery."""
        if self.events_url is None and not self._socket.token:
            raise web.HTTPServiceUnavailable(
                text="started without --slack-events and without an app token: nobody to tell"
            )
        replies = [
            await self._post(body, delivery) for delivery in range(int(asked.get("deliveries", 1)))
        ]
        return {**replies[0], "replies": replies}

    async def _post(self, body: str, delivery: int) -> dict[str, Any]:
        """Send it to the app, signed, or over its socket; what it answered."""
        if self.events_url is None:
            return await self._socket.deliver(body)
        timestamp = str(int(time.time()))
        headers = {
            # Events are JSON, what people press and command is a form.
            "Content-Type": "application/json"
            if body.startswith("{")
            else "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        if delivery:
            headers |= {"X-Slack-Retry-Num": str(delivery), "X-Slack-Retry-Reason": "http_timeout"}
        timeout = aiohttp.ClientTimeout(total=self._patience)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.events_url, data=body, headers=headers) as reply,
            ):
                return {"status": reply.status, "body": await reply.text()}
        except (TimeoutError, aiohttp.ClientError) as error:
            return {"status": 0, "body": f"operation_timeout ({type(error).__name__})"}

    def _payload(
        self,
        request: web.Request,
        user: str,
        message: Message,
        block_id: str,
        button: dict[str, Any],
    ) -> dict[str, Any]:
        """A block_actions payload. Of a Home tab it has a view, and no response_url."""
        team, name = self._workspace.team, self._workspace.users[user]
        payload: dict[str, Any] = {
            "type": "block_actions",
            "user": {"id": user, "username": name, "name": name, "team_id": team},
            "api_app_id": APP_ID,
            "trigger_id": self.triggers.issue(user),
            "team": {"id": team, "domain": TEAM_NAME},
            "enterprise": None,
            "is_enterprise_install": False,
            "state": {"values": {}},
            "actions": [{**button, "block_id": block_id, "action_ts": f"{time.time():.6f}"}],
        }
        if message.get("type") == "home":
            container = {"type": "view", "view_id": message["id"]}
            return payload | {"container": container, "view": message}
        channel = message["channel"]
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel,
            "is_ephemeral": False,
        }
        if "thread_ts" in message:
            container["thread_ts"] = message["thread_ts"]
        shown = self._workspace.channels.get(channel, "directmessage")
        return payload | {
            "container": container,
            "channel": {"id": channel, "name": shown},
            "message": message,
            "response_url": response_url(request),
        }


async def sent(request: web.Request) -> Mapping[str, Any]:
    """A JSON object, or a form of the page."""
    if request.content_type == "application/json":
        body = await request.json()
        return body if isinstance(body, dict) else {}
    return await request.post()


def response_url(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}/slack/response/{uuid.uuid4().hex}"
