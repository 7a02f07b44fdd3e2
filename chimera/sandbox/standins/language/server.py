"""POST /model/v1/chat/completions, whole or as server-sent events, and GET /model/v1/models.

`standin` calls tools. `standin-words` refuses them as Ollama does for a model without. POST /model/script
says what comes next; every request is in the ledger under `model`.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.language.checks import Wrong, check
from chimera.sandbox.standins.language.script import Line, function, plainly
from chimera.sandbox.standins.secrets import Secrets

MODELS = ("standin", "standin-words")
VERSION = "2026-11-01"
CONTEXT = 32_000
PIECE = 12  # characters of one event


class Language:
    """A server with two models."""

    def __init__(self, book: Book, secrets: Secrets, context: int = CONTEXT) -> None:
        self._book, self._secrets, self._context = book, secrets, context
        self._lines: list[Line] = []
        self._forever = False
        self._stopping = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/model/v1/chat/completions", self.complete),
            web.get("/model/v1/models", self.models),
            web.post("/model/script", self.write),
        ]

    async def stop(self, _: web.Application) -> None:
        """Let go of the answers that do not end."""
        self._stopping.set()

    async def write(self, request: web.Request) -> web.Response:
        """What to say next, line by line; `forever` repeats the last one."""
        given = await request.json()
        try:
            self._lines = [Line.model_validate(line) for line in given["lines"]]
        except (ValidationError, KeyError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        self._forever = bool(given.get("forever"))
        return web.json_response({"lines": len(self._lines)})

    async def models(self, request: web.Request) -> web.Response:
        try:
            self._admit(request)
        except Wrong as wrong:
            return wrong.response
        rows = [{"id": name, "object": "model", "owned_by": "standins"} for name in MODELS]
        return web.json_response({"object": "list", "data": rows})

    async def complete(self, request: web.Request) -> web.StreamResponse:
        try:
            self._admit(request)
            body = await request.json()
            tokens = check(body, MODELS, self._context)
            if body["model"] == "standin-words" and body.get("tools"):
                raise Wrong(400, "registry.local/standin-words does not support tools", "api_error")
            self._book.write("model", "request", body)
            line = self._next(body)
            await self._sleep(line.wait)
            failing(line)
        except Wrong as wrong:
            self._book.write("model", "refused", {"status": wrong.status, **wrong.body})
            return wrong.response
        except ValueError:
            return Wrong(400, "We could not parse the JSON body of your request.").response
        if body.get("stream"):
            return await self._stream(request, body, line, tokens)
        return await self._whole(request, body, line, tokens)

    def _admit(self, request: web.Request) -> None:
        shown = request.headers.get("Authorization", "")
        if shown != f"Bearer {self._secrets.model_key}":
            key = shown.removeprefix("Bearer ")
            message = f"Incorrect API key provided: {key[:3]}***{key[-2:]}."
            raise Wrong(401, message, code="invalid_api_key")

    def _next(self, body: dict[str, Any]) -> Line:
        if not self._lines:
            return plainly(body)
        if self._forever and len(self._lines) == 1:
            return self._lines[0]
        return self._lines.pop(0)

    async def _sleep(self, seconds: float) -> None:
        """Until the time is over or the server is told to stop."""
        if seconds:
            try:
                await asyncio.wait_for(self._stopping.wait(), seconds)
            except TimeoutError:
                return

    async def _whole(
        self, request: web.Request, body: dict[str, Any], line: Line, tokens: int
    ) -> web.StreamResponse:
        if line.manner:
            await self._stopping.wait() if line.manner == "endless" else None
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPServiceUnavailable  # nobody reads it: the connection is gone
        message: dict[str, Any] = {"role": "assistant", "content": line.text or None}
        if line.calls:
            message["tool_calls"] = [function(call, at) for at, call in enumerate(line.calls)]
        choice = {"index": 0, "message": message, "finish_reason": ending(line)}
        answer = {**head(body, "chat.completion"), "choices": [choice]}
        if line.usage:
            answer["usage"] = usage(line, tokens)
        return web.json_response(answer)

    async def _stream(
        self, request: web.Request, body: dict[str, Any], line: Line, tokens: int
    ) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await reply.prepare(request)
        try:
            async for event in self._events(body, line, tokens):
                await reply.write(f"data: {json.dumps(event)}\n\n".encode())
            if line.manner == "cut":
                if request.transport is not None:
                    request.transport.abort()
                return reply
            await reply.write(b"data: [DONE]\n\n")
        except ConnectionError:
            self._book.write("model", "hung up", {"model": body["model"]})
        return reply

    async def _events(self, body: dict[str, Any], line: Line, tokens: int) -> Any:
        shared = head(body, "chat.completion.chunk")

        def event(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return {**shared, "choices": [choice]}

        if line.manner == "silent":
            return
        yield event({"role": "assistant", "content": ""})
        for at in range(0, len(line.text), PIECE):
            yield event({"content": line.text[at : at + PIECE]})
        for index, call in enumerate(line.calls):
            made = function(call, index)
            arguments = made["function"].pop("arguments")
            made["function"]["arguments"] = ""
            yield event({"tool_calls": [{"index": index, **made}]})
            for at in range(0, len(arguments), PIECE):
                part = {"index": index, "function": {"arguments": arguments[at : at + PIECE]}}
                yield event({"tool_calls": [part]})
        while line.manner == "endless" and not self._stopping.is_set():
            yield event({"content": "and so on "})
            await self._sleep(0.01)
        if line.manner == "cut":
            return
        yield event({}, ending(line))
        if (body.get("stream_options") or {}).get("include_usage") and line.usage:
            yield {**shared, "choices": [], "usage": usage(line, tokens)}


def failing(line: Line) -> None:
    """The error that a line is. Raises Wrong."""
    match line.error:
        case "context":
            message = "This model's maximum context length is 8192 tokens. Please reduce the length of the messages."
            raise Wrong(400, message, param="messages", code="context_length_exceeded")
        case "401":
            raise Wrong(401, "Incorrect API key provided.", code="invalid_api_key")
        case "quota":
            message = "You exceeded your current quota, please check your plan and billing details."
            raise Wrong(429, message, "insufficient_quota", code="insufficient_quota")
        case "429":
            message = "Rate limit reached for requests."
            raise Wrong(
                429, message, "requests", code="rate_limit_exceeded", retry_after=line.retry_after
            )
        case "500":
            raise Wrong(
                500, "The server had an error while processing your request.", "server_error"
            )


def head(body: dict[str, Any], kind: str) -> dict[str, Any]:
    named = f"{body['model']}-{VERSION}"
    return {"id": "chatcmpl-standin", "object": kind, "created": int(time.time()), "model": named}


def ending(line: Line) -> str:
    return "tool_calls" if line.calls else "stop"


def usage(line: Line, tokens: int) -> dict[str, int]:
    out = max((len(line.text) + len(str(line.calls))) // 4, 1)
    return {"prompt_tokens": tokens, "completion_tokens": out, "total_tokens": tokens + out}
