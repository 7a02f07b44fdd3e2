"""Chimera's end of Teams on a port of its own, and the stand-in that sends to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.routing import Route

from chimera.bots.teams_app import TeamsEndpoint
from chimera.platform.orchestration.talk import Hear
from tests.standins.company import Port
from tests.standins.serving import SECRETS, StandIns, standins

ALICE, BOB, GUEST = SECRETS.teams_users
TENANT = SECRETS.teams_tenant


@asynccontextmanager
async def teams_office(
    folder: Path, handler: Any, notes: Any, hear: Hear | None = None, **more: Any
) -> AsyncIterator[StandIns]:
    """`more` is what the endpoint can do beyond that."""
    port = Port()
    async with standins(folder, teams_events=f"{port.url}/teams/messages") as served:
        endpoint = TeamsEndpoint(served.teams(), handler, notes, hear, **more)
        async with port.serving(Route("/teams/messages", endpoint.handle, methods=["POST"])):
            yield served


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
    return [a.get("verb") or a["data"]["verb"] for a in attachment["content"]["actions"]]
