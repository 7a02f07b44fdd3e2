"""Errors as answers: {"error": {"type", "message"}} with the status that fits."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from chimera.domain import ChimeraError, Misconfigured, NotAllowed, NotFound, Refused, Unavailable

log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[ChimeraError], int], ...] = (
    (NotAllowed, 403),
    (NotFound, 404),
    (Misconfigured, 500),
    (Refused, 409),
    (Unavailable, 503),
    (ChimeraError, 500),
)


def answer(
    status: int, kind: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    return JSONResponse({"error": {"type": kind, "message": message}}, status, headers)


async def ours(request: Request, error: Exception) -> JSONResponse:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    headers = {"Retry-After": "5"} if status == 503 else None
    return answer(status, type(error).__name__, str(error), headers)


async def invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors()[:5]
    )
    return answer(422, "Invalid", f"the request cannot be read: {problems}")


async def http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    kind = {404: "NotFound", 405: "NotAllowed"}.get(error.status_code, "Refused")
    where = f"{request.method} {request.url.path}"
    return answer(error.status_code, kind, f"{where}: {error.detail}", error.headers)


async def unexpected(request: Request, error: Exception) -> JSONResponse:
    """A bug: the log has it all, the caller a line without inner details."""
    log.error("request failed", path=request.url.path, exc_info=error)
    text = "Chimera could not answer because of an error of its own; its log says more"
    return answer(500, "Unexpected", text)


def handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(ChimeraError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)
