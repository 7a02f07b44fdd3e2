"""A process's own door, for the controller alone: wishes, commands, faults, draining."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chimera.domain import Unavailable
from chimera.sandbox.estate.replica import Replica
from chimera.sandbox.estate.service import Service


def metrics_application(replica: Replica) -> web.Application:
    """What Prometheus scrapes."""

    async def metrics(_request: web.Request) -> web.Response:
        body = generate_latest(replica.meters.registry)
        return web.Response(body=body, headers={"content-type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    return app


def control_application(
    replica: Replica, service: Service, secret: str, drain: Callable[[], None]
) -> web.Application:
    """What the controller says to a process; nobody else knows the secret."""

    @web.middleware
    async def trusted(request: web.Request, handler: Any) -> web.StreamResponse:
        if not hmac.compare_digest(request.headers.get("x-controller", ""), secret):
            raise web.HTTPForbidden(text="only the controller may use this door")
        answer: web.StreamResponse = await handler(request)
        return answer

    async def reload(_request: web.Request) -> web.Response:
        replica.read_wish()
        if service.pool is not None and service.pool.number < replica.wish.pool_generation:
            service.pool.number = replica.wish.pool_generation - 1
            replica.ailments.end("pool")
            await service.pool.recycle()
            replica.log.info("the connection pool was replaced")
        return web.json_response({})

    async def ail(request: web.Request) -> web.Response:
        asked = await request.json()
        if asked.get("end"):
            replica.ailments.end(asked["name"])
            if asked["name"] == "pool" and service.pool is not None:
                await service.pool.recycle()  # gives back what had leaked
                service.pool.number = replica.wish.pool_generation
        else:
            replica.ailments.begin(asked["name"], asked["numbers"])
        return web.json_response({})

    async def command(request: web.Request) -> web.Response:
        asked = await request.json()
        try:
            said = await service.command(asked["name"], asked["arguments"])
        except KeyError as unknown:
            return web.json_response({"error": f"no such command: {unknown}"}, status=404)
        except Unavailable as later:
            return web.json_response({"error": str(later), "later": True}, status=503)
        except ValueError as refused:
            return web.json_response({"error": str(refused)}, status=409)
        return web.json_response(said)

    async def details(_request: web.Request) -> web.Response:
        seen = {
            "disk_used_bytes": str(replica.quota.measure()),
            "disk_limit_bytes": str(replica.quota.limit),
            **service.details(),
        }
        return web.json_response(seen)

    async def drained(_request: web.Request) -> web.Response:
        drain()
        return web.json_response({})

    app = web.Application(middlewares=[trusted])
    app.router.add_post("/reload", reload)
    app.router.add_post("/ailments", ail)
    app.router.add_post("/command", command)
    app.router.add_get("/details", details)
    app.router.add_post("/drain", drained)
    return app
