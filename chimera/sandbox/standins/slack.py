"""Slack's Web API, as far as a client can tell."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from aiohttp import web

from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.secrets import Secrets
from chimera.sandbox.standins.slack_call import Arguments, arguments_of, content, page
from chimera.sandbox.standins.slack_files import SlackFiles
from chimera.sandbox.standins.slack_socket import SlackSocket
from chimera.sandbox.standins.slack_views import SlackViews
from chimera.sandbox.standins.workspace import (
    BOT_ID,
    BOT_USER,
    TEAM_NAME,
    SlackError,
    Workspace,
)

SCOPES = {"chat.": "chat:write", "conversations.": "channels:", "files.": "files:write"}
OPEN = "apps.connections.open"  # the one method that takes the app's own token


class Slack:
    """The methods that a bot needs; `calls_per_second` more than that is answered with 429."""

    def __init__(
        self,
        book: Book,
        secrets: Secrets,
        workspace: Workspace,
        files: SlackFiles,
        views: SlackViews,
        socket: SlackSocket,
        calls_per_second: int = 50,
    ) -> None:
        self._book = book
        self._token = secrets.slack_token
        self._app_token = secrets.slack_app_token
        self._scopes = secrets.slack_scopes
        self._workspace = workspace
        self._calls_per_second = calls_per_second
        self._recent: deque[float] = deque()
        self._methods: dict[str, Callable[[Arguments, web.Request], dict[str, Any]]] = {
            "api.test": lambda arguments, _: {"args": arguments},
            "auth.test": self._auth_test,
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
            "chat.getPermalink": self._permalink,
            "conversations.list": self._list,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "users.info": lambda arguments, _: {
                "user": self._workspace.user(str(arguments.get("user", "")))
            },
            "views.open": views.open,
            "views.publish": views.publish,
            OPEN: socket.open,
            "files.getUploadURLExternal": files.offer,
            "files.completeUploadExternal": files.complete,
        }

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/slack/api/{method}", self.answer),
            web.get("/slack/api/{method}", self.answer),
        ]

    async def answer(self, request: web.Request) -> web.Response:
        """One call: rate, token, method, arguments."""
        if self._too_fast():
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": "1"})
        name = request.match_info["method"]
        try:
            arguments = await arguments_of(request)
            self._authenticate(request, arguments, name)
            method = self._methods.get(name)
            if method is None:
                raise SlackError("unknown_method", req_method=name)
            for start, scope in SCOPES.items():
                if name.startswith(start) and scope not in self._scopes:
                    raise SlackError("missing_scope", needed=scope, provided=self._scopes)
            body = {"ok": True, **method(arguments, request)}
        except SlackError as error:
            self._book.write("slack", "refused", {"method": name, **error.body})
            body = error.body
        return web.json_response(body, headers={"x-oauth-scopes": self._scopes})

    def _too_fast(self) -> bool:
        now = time.monotonic()
        while self._recent and self._recent[0] < now - 1:
            self._recent.popleft()
        if len(self._recent) >= self._calls_per_second:
            return True
        self._recent.append(now)
        return False

    def _authenticate(self, request: web.Request, arguments: Arguments, method: str) -> None:
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        token = shown if kind == "Bearer" else str(arguments.pop("token", ""))
        if not token:
            raise SlackError("not_authed")
        right, other = self._token, self._app_token
        if method == OPEN:
            right, other = other, right
        if other and compare_digest(token.encode(), other.encode()):
            raise SlackError("not_allowed_token_type")
        if not right or not compare_digest(token.encode(), right.encode()):
            raise SlackError("invalid_auth")

    def _auth_test(self, _: Arguments, request: web.Request) -> dict[str, Any]:
        return {
            "url": f"{request.scheme}://{request.host}/slack",
            "team": TEAM_NAME,
            "user": "chimera",
            "team_id": self._workspace.team,
            "user_id": BOT_USER,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    def _post_message(self, arguments: Arguments, _: web.Request) -> dict[str, Any]:
        channel = self._workspace.channel(str(arguments.get("channel", "")), by_name=True)
        thread_ts = str(arguments.get("thread_ts") or "")
        message = self._workspace.post(channel, thread_ts, content(arguments))
        self._book.write("slack", "posted", {"channel": channel, "message": message})
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _update(self, arguments: Arguments, _: web.Request) -> dict[str, Any]:
        channel = self._workspace.channel(str(arguments.get("channel", "")))
        message = self._workspace.message(channel, str(arguments.get("ts", "")))
        if message is None:
            raise SlackError("message_not_found")
        # What is not named stays as it was.
        message |= content({"text": message["text"], **arguments})
        message["edited"] = {"user": BOT_USER, "ts": self._workspace.new_ts()}
        self._workspace.keep(channel, message)
        self._book.write("slack", "updated", {"channel": channel, "message": message})
        return {
            "channel": channel,
            "ts": message["ts"],
            "text": message["text"],
            "message": message,
        }

    def _permalink(self, arguments: Arguments, request: web.Request) -> dict[str, Any]:
        channel = self._workspace.channel(str(arguments.get("channel", "")))
        ts = str(arguments.get("message_ts", ""))
        if self._workspace.message(channel, ts) is None:
            raise SlackError("message_not_found")
        link = f"{request.scheme}://{request.host}/slack#p{ts.replace('.', '')}"
        return {"channel": channel, "permalink": link}

    def _list(self, _: Arguments, __: web.Request) -> dict[str, Any]:
        channels = [
            {"id": channel_id, "name": name, "is_channel": True, "is_member": True}
            for channel_id, name in self._workspace.channels.items()
        ]
        return {"channels": channels, "response_metadata": {"next_cursor": ""}}

    def _history(self, arguments: Arguments, _: web.Request) -> dict[str, Any]:
        """Newest first; replies are not in it."""
        channel = self._workspace.channel(str(arguments.get("channel", "")))
        oldest = float(arguments.get("oldest") or 0)
        latest = float(arguments.get("latest") or "inf")
        heads = [
            message
            for message in reversed(self._workspace.messages(channel))
            if "thread_ts" not in message and oldest < float(message["ts"]) < latest
        ]
        return page(heads, arguments)

    def _replies(self, arguments: Arguments, _: web.Request) -> dict[str, Any]:
        """A thread, oldest first, its head before all."""
        channel = self._workspace.channel(str(arguments.get("channel", "")))
        return page(self._workspace.thread(channel, str(arguments.get("ts", ""))), arguments)
