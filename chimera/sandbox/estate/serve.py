"""The service port: every request is measured, journalled and logged in one place."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from chimera.sandbox.estate.logs import TRACE, new_trace
from chimera.sandbox.estate.pool import PoolExhausted
from chimera.sandbox.estate.replica import Replica, Trouble
from chimera.sandbox.estate.service import Service
from chimera.sandbox.estate.workers import QueueFull


def application(replica: Replica, service: Service) -> web.Application:
    """The service's routes behind the measuring."""
    app = web.Application()
    requests, duration = replica.meters.with_http()
    for method, path, handler in service.routes():
        requests.labels(route=path, code="200")  # a counter that starts at its first error is blind
        duration.labels(route=path)

        async def answer(
            request: web.Request, handler: Any = handler, route: str = path
        ) -> web.Response:
            TRACE.set(request.headers.get("x-trace-id") or new_trace())
            began = time.perf_counter()
            status, said = await attempt(replica, handler, request, route)
            took = time.perf_counter() - began
            requests.labels(route=route, code=str(status)).inc()
            duration.labels(route=route).observe(took)
            if status < 500 and replica.random.random() < replica.setting("log_sampling", 1.0):
                replica.log.info(f"{route} {status}", ms=round(took * 1000))
            return web.json_response(said, status=status)

        app.router.add_route(method, path, answer)

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"service": replica.place.service})

    app.router.add_get("/-/ready", alive)
    return app


async def attempt(
    replica: Replica, handler: Any, request: web.Request, route: str
) -> tuple[int, Any]:
    """Answer, or say why not: status and body."""
    try:
        if replica.ailments.unlucky():
            raise Trouble(500, "worker crashed while answering")
        said = await handler(request)
        replica.quota.journal({"at": time.time(), "route": route, "trace": TRACE.get()})
    except Trouble as trouble:
        status, reason = trouble.status, str(trouble)
    except QueueFull as full:
        status, reason = 503, str(full)
    except PoolExhausted as empty:
        status, reason = 500, f"connection pool exhausted: {empty}"
    except OSError as error:
        status, reason = 500, f"cannot write: {error.strerror}"
    except Exception as error:  # a service answers 500 for whatever it did not foresee
        status, reason = 500, f"{type(error).__name__}: {error}"
    else:
        return 200, said
    log = replica.log.error if status >= 500 else replica.log.warning
    log(f"{route} failed: {reason}", status=status)
    return status, {"error": reason}
