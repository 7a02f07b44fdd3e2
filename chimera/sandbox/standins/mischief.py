"""Misbehaviour on demand, so that benches see what Chimera does about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal, get_args

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

Service = Literal["servicenow", "slack", "teams", "page", "model"]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# The paths on which the real clients speak; pages, ledger and controls always behave.
WIRE: dict[str, Service] = {
    "/api/now/": "servicenow",
    "/slack/api/": "slack",
    "/slack/upload/": "slack",
    "/teams/login/": "teams",
    "/teams/connector/": "teams",
    "/teams/graph/": "teams",
    "/teams/webhook/": "teams",
    "/page/webhook": "page",
    "/model/v1/": "model",
}
READING_METHODS = ("auth.test", "conversations.", "users.", "chat.getPermalink")


class Mischief(BaseModel):
    """What to do to the next requests. lost_reply carries a write out and drops its answer."""

    service: Service
    mode: Literal["429", "500", "hang", "lost_reply", "garbage", "none"]
    times: int = Field(1, ge=-1)  # -1: until told otherwise
    after: int = Field(0, ge=0)  # requests that it lets go well before
    retry_after: int = Field(1, ge=0)  # seconds, with 429


class Behaviour:
    """The mischief now in force, by service."""

    def __init__(self) -> None:
        self._active: dict[Service, Mischief] = {}
        self._stopping = asyncio.Event()

    async def order(self, request: web.Request) -> web.Response:
        """POST /misbehave."""
        try:
            mischief = Mischief.model_validate(await request.json())
        except (ValidationError, ValueError) as error:
            choices = ", ".join(get_args(Mischief.model_fields["mode"].annotation))
            raise web.HTTPBadRequest(text=f"{error}\nmodes: {choices}") from error
        if mischief.mode == "none" or mischief.times == 0:
            self._active.pop(mischief.service, None)
        else:
            self._active[mischief.service] = mischief
        return web.json_response(mischief.model_dump())

    async def show(self, _: web.Request) -> web.Response:
        """GET /misbehave: what is still to come, by service."""
        return web.json_response({s: m.model_dump() for s, m in self._active.items()})

    async def stop(self, _: web.Application) -> None:
        """Let go of the requests that hang."""
        self._stopping.set()

    def next(self, request: web.Request) -> Mischief | None:
        """What to do to this request; counts it."""
        service = next((s for path, s in WIRE.items() if request.path.startswith(path)), None)
        mischief = self._active.get(service) if service else None
        if mischief is None or (mischief.mode == "lost_reply" and not writes(request)):
            return None
        if mischief.after > 0:
            left = mischief.model_copy(update={"after": mischief.after - 1})
            self._active[mischief.service] = left
            return None
        if mischief.times > 0:
            left = mischief.model_copy(update={"times": mischief.times - 1})
            self._active[mischief.service] = left
            if left.times == 0:
                del self._active[mischief.service]
        return mischief

    @property
    def middleware(self) -> Any:
        @web.middleware
        async def misbehave(request: web.Request, handler: Handler) -> web.StreamResponse:
            mischief = self.next(request)
            if mischief is None:
                return await handler(request)
            if mischief.mode == "429":
                return limited(mischief)
            if mischief.mode == "500":
                return failed(mischief)
            if mischief.mode == "garbage":
                return web.Response(
                    text="<html><body>Hibernating</body></html>", content_type="text/html"
                )
            if mischief.mode == "hang":
                await self._stopping.wait()
            else:
                await handler(request)
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPServiceUnavailable  # nobody reads it: the connection is gone

        return misbehave


def writes(request: web.Request) -> bool:
    """Whether it changes something. Slack's reading methods may be POSTed as well."""
    if request.method in ("GET", "HEAD") or request.path.startswith("/teams/login/"):
        return False
    return not request.path.removeprefix("/slack/api/").startswith(READING_METHODS)


def limited(mischief: Mischief) -> web.Response:
    """Too many requests, in the service's own words."""
    headers = {"Retry-After": str(mischief.retry_after)}
    if mischief.service == "slack":
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    if mischief.service == "model":
        error = {"message": "Rate limit reached for requests.", "code": "rate_limit_exceeded"}
        return web.json_response({"error": error}, status=429, headers=headers)
    if mischief.service == "teams":
        error = {"message": "Too many requests.", "code": "TooManyRequests"}
        return web.json_response({"error": error}, status=429, headers=headers)
    headers["X-RateLimit-Reset"] = str(int(time.time()) + mischief.retry_after)
    error = {"message": "Rate limit exceeded", "detail": "Too many requests"}
    return web.json_response({"error": error, "status": "failure"}, status=429, headers=headers)


def failed(mischief: Mischief) -> web.Response:
    """A server error, in the service's own words."""
    if mischief.service == "slack":
        return web.json_response({"ok": False, "error": "internal_error"}, status=500)
    if mischief.service == "model":
        error = {"message": "The server had an error.", "type": "server_error"}
        return web.json_response({"error": error}, status=500)
    if mischief.service == "teams":
        error = {"message": "Internal server error.", "code": "ServiceError"}
        return web.json_response({"error": error}, status=500)
    error = {"message": "Transaction cancelled", "detail": "maximum execution time exceeded"}
    return web.json_response({"error": error, "status": "failure"}, status=500)
