"""No environment variable sends what people and models say to an address that nobody listed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from chimera.platform.models.tracing import PREFIXES, targets, wished
from tests.models.serving import Server, server
from tests.standins.serving import SECRETS

SCRIPT = Path(__file__).with_name("traced_turn.py")


class Collector:
    """What somebody who waits for traces gets."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(request.path.encode() + await request.read())
        return web.json_response({})


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    waiting, app = Collector(), web.Application()
    app.router.add_route("*", "/{tail:.*}", waiting.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    waiting.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield waiting
    await runner.cleanup()


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as running:
        yield running


async def a_turn(there: Server, collector: Collector, *hosts: str) -> None:
    """In a process of its own: LangSmith reads its variables once."""
    asked = {"TRACING": "true", "TRACING_V2": "true", "ENDPOINT": collector.url, "API_KEY": "k"}
    every = {f"{prefix}{name}": said for prefix in PREFIXES for name, said in asked.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SCRIPT), there.access().url, "MODEL_KEY", *hosts,
        env={**os.environ, **every, "MODEL_KEY": SECRETS.model_key},
    )  # fmt: skip
    assert await process.wait() == 0


async def test_nothing_is_traced_to_a_host_that_nobody_listed(
    there: Server, collector: Collector
) -> None:
    await a_turn(there, collector, "elsewhere.example")
    assert not collector.got


async def test_a_listed_host_gets_the_traces_that_the_environment_asks_for(
    there: Server, collector: Collector
) -> None:
    await a_turn(there, collector, "127.0.0.1")
    assert any(b"TRACER-BAIT" in one for one in collector.got)


def test_what_cannot_be_told_is_no_address() -> None:
    assert targets({}) == ("https://api.smith.langchain.com",)
    assert targets({"LANGCHAIN_ENDPOINT": "http://a", "LANGSMITH_ENDPOINT": "http://b"}) == (
        "http://b",
    )
    assert targets({"LANGSMITH_RUNS_ENDPOINTS": '{"http://a": "key"}'}) == ("",)
    assert wished({"LANGCHAIN_TRACING_V2": "true"})
    assert not wished({"LANGSMITH_TRACING": "false"})
