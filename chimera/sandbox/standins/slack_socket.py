"""Socket Mode: the address of a WebSocket, envelopes over it, and what was not acknowledged."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.workspace import APP_ID

ATTEMPTS = 4  # deliveries of one envelope over one connection
GRACE = 10.0  # seconds that a connection stays open after it was told to go
SLASH, INTERACTIVE, EVENT = "slash_commands", "interactive", "events_api"


@dataclass(eq=False)
class Envelope:
    """One thing that happened, until the app has acknowledged it by its id."""

    kind: str
    payload: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempts: int = 0
    answer: asyncio.Future[dict[str, Any]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def written(self) -> dict[str, Any]:
        wire = {
            "envelope_id": self.id,
            "type": self.kind,
            "payload": self.payload,
            "accepts_response_payload": self.kind != EVENT,
        }
        if self.kind == EVENT:
            wire |= {"retry_attempt": self.attempts, "retry_reason": ""}
            if self.attempts:
                wire["retry_reason"] = "timeout"
        return wire


class SlackSocket:
    """Each envelope goes to the newest connection; what it does not acknowledge is sent again,
    after `patience` and over the next connection."""

    def __init__(self, book: Book, token: str, patience: float) -> None:
        self._book = book
        self.token = token
        self._patience = patience
        self._tickets: set[str] = set()
        self._links: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._waiting: dict[str, Envelope] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._opened = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/slack/link", self.link),
            web.get("/slack/socket", self.show),
            web.post("/slack/socket", self.order),
        ]

    def open(self, _: dict[str, Any], request: web.Request) -> dict[str, Any]:
        """apps.connections.open: an address that is good for one connection."""
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return {"url": f"ws://{request.host}/slack/link?ticket={ticket}&app_id={APP_ID}"}

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """The WebSocket: hello, envelopes out, acknowledgements in."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="this address was used before, or never issued")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {
            "type": "hello",
            "num_connections": len(self._links) + 1,
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": request.host, "approximate_connection_time": 18060},
        }
        await socket.send_json(hello)
        self._links[socket] = request.transport
        self._opened += 1
        self._book.write("slack", "connected", {"connections": len(self._links)})
        for envelope in list(self._waiting.values()):
            envelope.attempts += 1
            await self._send(envelope)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._taken(message.data)
        finally:
            del self._links[socket]
        return socket

    async def deliver(self, body: str) -> dict[str, Any]:
        """Send what happened; what the app answered, or status 0 when it has not within patience."""
        envelope = enveloped(body)
        self._waiting[envelope.id] = envelope
        sending = asyncio.create_task(self._insist(envelope))
        self._tasks.add(sending)
        sending.add_done_callback(self._tasks.discard)
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.shield(envelope.answer)
        except TimeoutError:
            return {"status": 0, "body": "operation_timeout (not acknowledged)"}

    async def _insist(self, envelope: Envelope) -> None:
        for attempt in range(ATTEMPTS):
            envelope.attempts = max(envelope.attempts, attempt)
            await self._send(envelope)
            done, _ = await asyncio.wait([envelope.answer], timeout=self._patience)
            if done:
                return

    async def _send(self, envelope: Envelope) -> None:
        for socket in reversed(list(self._links)):
            try:
                await socket.send_json(envelope.written())
            except ConnectionError:
                continue
            return

    def _taken(self, text: str) -> None:
        """An acknowledgement; anything else is written down as what it is."""
        try:
            said = json.loads(text)
            envelope = self._waiting.pop(str(said["envelope_id"]))
        except (ValueError, KeyError, TypeError):
            self._book.write("slack", "unknown_envelope", {"text": text[:500]})
            return
        payload = said.get("payload")
        body = json.dumps(payload) if payload else ""
        self._book.write("slack", "acknowledged", {"envelope": envelope.id, "type": envelope.kind})
        envelope.answer.set_result({"status": 200, "body": body})

    async def show(self, _: web.Request) -> web.Response:
        """GET /slack/socket"""
        return web.json_response(
            {
                "connections": len(self._links),
                "opened": self._opened,
                "unacknowledged": len(self._waiting),
            }
        )

    async def order(self, request: web.Request) -> web.Response:
        """POST /slack/socket {do}: `drop` cuts every connection, `refresh` asks for a new one."""
        do = (await request.json()).get("do")
        if do not in ("drop", "refresh"):
            raise web.HTTPBadRequest(text="do is drop or refresh")
        for socket, transport in list(self._links.items()):
            if do == "refresh":
                await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
                asyncio.get_running_loop().call_later(GRACE, cut, transport)
            else:
                cut(transport)
        return await self.show(request)

    async def stop(self, _: web.Application) -> None:
        for task in list(self._tasks):
            task.cancel()
        for transport in list(self._links.values()):
            cut(transport)


def cut(transport: asyncio.Transport | None) -> None:
    """End a connection without a word."""
    if transport is not None:
        transport.abort()


def enveloped(body: str) -> Envelope:
    """What is posted over HTTP as the envelope that Socket Mode has for it."""
    if body.startswith("{"):
        return Envelope(EVENT, json.loads(body))
    fields = dict(parse_qsl(body, keep_blank_values=True))
    if "payload" in fields:
        return Envelope(INTERACTIVE, json.loads(fields["payload"]))
    return Envelope(SLASH, fields)
