from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from chimera.api.app import create_app
from chimera.platform.settings import Api, Secret, Settings
from chimera.platform.store.store import Store
from tests.api.desk import CARD, FakeDesk, furnish, people


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'chimera.db'}")
    await furnish(opened)
    yield opened
    await opened.close()


@pytest.fixture
def desk(store: Store) -> FakeDesk:
    return FakeDesk(store)


@pytest.fixture
def app(store: Store, desk: FakeDesk, tmp_path: Path) -> FastAPI:
    secret = tmp_path / "alertmanager"
    secret.write_text("alertmanager-token\n")
    settings = Settings(api=Api(alertmanager_token=Secret(f"file:{secret}")))

    async def slack(request: Request) -> Response:
        return Response("from Slack's own handler")

    async def teams(request: Request) -> Response:
        return Response("from Teams' own handler")

    cards = {CARD.name: CARD}
    return create_app(settings, store, desk, people(), cards, slack, teams_handler=teams)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://chimera") as client:
        yield client
