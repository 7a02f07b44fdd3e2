"""Probes and metrics; open to everybody, so they say nothing about incidents or people."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

from chimera.api.means import Means, Use
from chimera.platform.store.spending import midnight
from chimera.platform.telemetry import metrics

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

PATIENCE = 3.0  # seconds for one probe


@router.get("/-/healthy")
async def healthy() -> Response:
    """The process answers."""
    return Response("ok\n", media_type="text/plain")


@router.get("/-/ready")
async def ready(use: Use) -> JSONResponse:
    """Everything that routes stand on answers; 503 names what does not."""
    answers = await ask(use)
    return JSONResponse(
        {name: "ok" if up else "does not answer" for name, up in answers.items()},
        200 if all(answers.values()) else 503,
    )


@router.get("/metrics")
async def about_chimera() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def ask(use: Means) -> dict[str, bool]:
    """Ask every probe at once, and set the gauges that the alert rules read."""
    probes = {"store": use.store.ping, **use.probes}

    async def one(name: str) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                await probes[name]()
        except Exception as error:
            log.warning("probe failed", dependency=name, error=f"{type(error).__name__}: {error}")
            return False
        return True

    answers = dict(zip(probes, await asyncio.gather(*map(one, probes)), strict=True))
    for name, up in answers.items():
        metrics.dependency_is(name, up)
    return answers


async def keep_asking(use: Means, every: float = 10.0) -> None:
    """Keep the gauges fresh whether or not anybody asks /-/ready. Runs until cancelled."""
    while True:
        if (await ask(use))["store"]:
            await count(use)
        await asyncio.sleep(every)


async def count(use: Means) -> None:
    """Set the gauges of what is open and paused."""
    try:
        metrics.incidents_are(await use.store.incidents(open_only=True, limit=1000))
        metrics.pauses_are(await use.store.pauses())
        if use.settings.model:
            spent = await use.store.model_cost(since=midnight())
            metrics.model_spent_today(spent.tokens, spent.money, spent.seconds)
    except Exception as error:  # the next round tries again; the store's own gauge tells
        log.warning("the store could not be counted", error=str(error))
