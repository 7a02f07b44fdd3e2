"""The controller's HTTP API: one door for readers and actuators, another for faults."""

from __future__ import annotations

import hmac
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from chimera.domain import ChimeraError, Effect, NotAllowed, NotFound, Refused
from chimera.sandbox.estate.afflictions import Afflictions
from chimera.sandbox.estate.plant import Plant
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.estate.verbs import perform


class Tokens(BaseModel):
    """Three secrets for three kinds of caller."""

    reader: str
    actuator: str
    faults: str


class Infliction(BaseModel):
    """A wish to break something."""

    name: str
    target: str = ""
    magnitude: float = 1.0
    duration: float | None = None  # seconds
    seed: int = 0


def allow(request: web.Request, *tokens: str) -> None:
    """Raises NotAllowed unless the caller has one of them."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not any(hmac.compare_digest(given.encode(), token.encode()) for token in tokens):
        raise NotAllowed(
            f"the process controller does not let this token {request.method} {request.path}; "
            "use the one made for it"
        )


@web.middleware
async def explain(request: web.Request, handler: Any) -> web.StreamResponse:
    """Errors as JSON: the class decides the status."""
    try:
        answer: web.StreamResponse = await handler(request)
        return answer
    except NotAllowed as error:
        return web.json_response({"error": str(error)}, status=403)
    except NotFound as error:
        return web.json_response({"error": str(error)}, status=404)
    except ValidationError as error:
        return web.json_response({"error": f"not understood: {error.errors()[0]}"}, status=422)
    except (Refused, ValueError) as error:
        return web.json_response({"error": str(error)}, status=409)
    except ChimeraError as error:
        return web.json_response({"error": str(error)}, status=503)


def application(plant: Plant, afflictions: Afflictions, tokens: Tokens) -> web.Application:
    """All routes."""
    routes = web.RouteTableDef()
    reading = (tokens.reader, tokens.actuator)

    @routes.get("/-/ready")
    async def ready(_request: web.Request) -> web.Response:
        missing = [name for name in SERVICES if not plant.fleet.alive(name)]
        return web.json_response({"missing": missing}, status=503 if missing else 200)

    @routes.get("/targets")
    async def targets(request: web.Request) -> web.Response:
        allow(request, *reading)
        states = [await plant.state(name) for name, s in SERVICES.items() if repairable(s.kind)]
        return web.json_response([state.model_dump(mode="json") for state in states])

    @routes.get("/targets/{name}")
    async def target(request: web.Request) -> web.Response:
        allow(request, *reading)
        state = await plant.state(known(request.match_info["name"]))
        return web.json_response(state.model_dump(mode="json"))

    @routes.post("/effects")
    async def effect(request: web.Request) -> web.Response:
        allow(request, tokens.actuator)
        asked = Effect.model_validate_json(await request.read())
        known(asked.target)
        applied, result = await perform(plant, asked)
        if applied:
            afflictions.acted(asked)
        return web.json_response({"applied": applied, "result": result})

    @routes.post("/fences")
    async def fence(request: web.Request) -> web.Response:
        allow(request, tokens.actuator)
        await plant.fences.put_up(str((await request.json())["order_id"]))
        return web.json_response({})

    @routes.get("/effects")
    async def effects(request: web.Request) -> web.Response:
        allow(request, *reading)
        return web.json_response(plant.records.effects(request.query["order_id"]))

    @routes.get("/ledger")
    async def ledger(request: web.Request) -> web.Response:
        allow(request, *reading)
        return web.json_response(plant.records.ledger())

    @routes.get("/faults")
    async def active(request: web.Request) -> web.Response:
        allow(request, tokens.faults)
        return web.json_response(afflictions.active())

    @routes.post("/faults")
    async def inflict(request: web.Request) -> web.Response:
        allow(request, tokens.faults)
        asked = Infliction.model_validate_json(await request.read())
        made = await afflictions.inject(
            asked.name, asked.target, asked.magnitude, asked.duration, asked.seed
        )
        return web.json_response(made)

    @routes.post("/faults/clear")
    async def clear(request: web.Request) -> web.Response:
        allow(request, tokens.faults)
        cleared = await afflictions.clear(str((await request.json()).get("name", "all")))
        return web.json_response({"cleared": cleared})

    @routes.post("/faults/reset")
    async def reset(request: web.Request) -> web.Response:
        allow(request, tokens.faults)
        await afflictions.reset()
        return web.json_response({})

    app = web.Application(middlewares=[explain])
    app.add_routes(routes)
    return app


def repairable(kind: str) -> bool:
    """The bank is not ours, and customers are not operated."""
    return kind in ("http", "step")


def known(name: str) -> str:
    """Raises NotFound for what may not be operated."""
    if name in SERVICES and repairable(SERVICES[name].kind):
        return name
    listed = ", ".join(sorted(n for n, s in SERVICES.items() if repairable(s.kind)))
    raise NotFound(f"the process controller operates no {name!r}; it operates {listed}")
