"""Chimera's end of Teams on a port of its own, and the stand-in that sends to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response

from chimera.bots.commands import Inbound
from chimera.bots.teams_app import teams_endpoint
from chimera.platform.orchestration.talk import Hear
from tests.standins.serving import SECRETS, StandIns, standins

ALICE, BOB, GUEST = SECRETS.teams_users
TENANT = SECRETS.teams_tenant


@asynccontextmanager
async def teams_office(
    folder: Path, handler: Inbound, notes: Any, hear: Hear | None = None
) -> AsyncIterator[StandIns]:
    api = FastAPI()
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/teams/messages"
    async with standins(folder, teams_events=url) as served:
        endpoint = teams_endpoint(served.teams(), handler, notes, hear)

        async def messages(request: Request) -> Response:
            return await endpoint.handle(request)

        api.add_api_route("/teams/messages", messages, methods=["POST"], response_model=None)
        server = uvicorn.Server(uvicorn.Config(api, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield served
        finally:
            server.should_exit = True
            await serving


async def lines(served: StandIns, event: str, count: int) -> list[dict[str, Any]]:
    """The stand-in's record, as soon as it holds so many."""
    async with asyncio.timeout(60):
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found = await served.ledger("teams", event)
    return [line["body"] for line in found]


async def posted(served: StandIns, count: int) -> list[dict[str, Any]]:
    return [one["message"] for one in await lines(served, "posted", count)]


def words(message: dict[str, Any]) -> str:
    """All that a card says."""
    (attachment,) = message["attachments"]
    return str(attachment["content"]["body"])


def verbs(message: dict[str, Any]) -> list[str]:
    (attachment,) = message["attachments"]
    return [action["verb"] for action in attachment["content"]["actions"]]
