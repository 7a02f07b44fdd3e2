"""The gate before every route: no token, no answer. A new route is closed unless it is named here.

API callers show `Authorization: Bearer <token>`. Browsers show a cookie, which only opens what
changes nothing, so that no other site can make a browser act.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from http.cookies import SimpleCookie

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chimera.api.errors import answer
from chimera.api.means import Means
from chimera.domain import Principal

COOKIE = "chimera_token"
SLACK_PATH = "/slack/events"
TEAMS_PATH = "/teams/messages"
TEAMS_PICTURES = "/teams/pictures/"  # what is below it carries a signature that is verified
ALERTS_PATH = "/api/v1/alerts"
OPEN = frozenset({"/-/healthy", "/-/ready", "/metrics", "/login", SLACK_PATH, TEAMS_PATH})
"""Probes, metrics, the sign-in form; the chats' requests carry a signature or a token that is verified."""

LARGEST_BODY = 8 * 1024 * 1024  # bytes; a storm of 1,000 alerts is under 2 MiB

SignInPage = Callable[[Request, int], Response]


class TooLarge(Exception):
    """A body beyond LARGEST_BODY."""


class Gate:
    """ASGI middleware: finds out who asks, or answers 401."""

    def __init__(self, app: ASGIApp, means: Means, sign_in_page: SignInPage) -> None:
        self.app = app
        self.means = means
        self.sign_in_page = sign_in_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no web sockets here
            return
        headers = Headers(scope=scope)
        path = scope["path"]
        if path not in OPEN and not path.startswith(TEAMS_PICTURES):
            who = self.who(path, scope["method"], headers)
            if who is None:
                await self.refuse(path, scope, headers)(scope, receive, send)
                return
            scope["chimera.principal"] = who
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, capped(receive, headers), sending)
        except TooLarge:
            if not started:
                text = f"the body is larger than {LARGEST_BODY} bytes; send it in parts"
                await answer(413, "TooLarge", text)(scope, receive, send)

    def who(self, path: str, method: str, headers: Headers) -> Principal | None:
        kind, _, token = headers.get("authorization", "").partition(" ")
        token = token.strip() if kind.lower() == "bearer" else ""
        if path == ALERTS_PATH:
            return self.alertmanager(token)
        if token:
            return self.means.people.by_token(token)
        if method in ("GET", "HEAD"):
            return self.means.people.by_token(cookie(headers))
        return None

    def alertmanager(self, token: str) -> Principal | None:
        """Alertmanager shows a token of its own, which opens nothing else."""
        expected = self.means.settings.api.alertmanager_token
        if expected is None or not token:
            return None
        if not hmac.compare_digest(expected.reveal().encode(), token.encode()):
            return None
        return Principal(id="alertmanager", via="webhook")

    def refuse(self, path: str, scope: Scope, headers: Headers) -> Response:
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            return self.sign_in_page(Request(scope), 401)
        what = (
            "show the token that api.alertmanager_token refers to"
            if path == ALERTS_PATH
            else "show a token from people.toml"
        )
        text = f"nobody is signed in; {what} as `Authorization: Bearer TOKEN`"
        return answer(401, "NotSignedIn", text, {"WWW-Authenticate": "Bearer"})


def cookie(headers: Headers) -> str:
    jar: SimpleCookie = SimpleCookie(headers.get("cookie", ""))
    return jar[COOKIE].value if COOKIE in jar else ""


def capped(receive: Receive, headers: Headers) -> Receive:
    """`receive`, but a body larger than LARGEST_BODY raises TooLarge."""
    taken = 0
    declared = headers.get("content-length", "0")

    async def receiving() -> Message:
        nonlocal taken
        if declared.isdigit() and int(declared) > LARGEST_BODY:
            raise TooLarge
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise TooLarge
        return message

    return receiving
