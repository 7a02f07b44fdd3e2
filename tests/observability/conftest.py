"""A real Prometheus that scrapes a target whose metrics a test writes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from chimera.platform.observability import Prometheus
from chimera.sandbox.programs import prometheus as programs

INTERVAL = 1.0  # seconds between scrapes


class Target:
    """A process that exports what it is told to; `alive` False answers 500."""

    def __init__(self) -> None:
        self.lines: dict[str, float] = {}
        self.alive = True
        self.port = 0

    async def metrics(self, _: web.Request) -> web.Response:
        if not self.alive:
            return web.Response(status=500)
        text = "".join(f"{name} {value}\n" for name, value in self.lines.items())
        return web.Response(text=text, content_type="text/plain")


@contextlib.asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[int]:
    """The app on a random port of localhost."""
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Wait for a condition, with a deadline."""
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    target, app = Target(), web.Application()
    app.router.add_get("/metrics", target.metrics)
    async with serving(app) as port:
        target.port = port
        yield target


@pytest.fixture
async def prometheus(
    target: Target, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Prometheus]:
    """Prometheus, ready, scraping `target` each second as orders-0 of the service orders.

    Its parameter is the label that names the service.
    """
    label = getattr(request, "param", "service")
    program = await programs.find(programs.PROMETHEUS, lambda _: None)
    config = tmp_path / "prometheus.yml"
    config.write_text(
        f"""
global: {{scrape_interval: {INTERVAL:g}s, scrape_timeout: 0.8s}}
scrape_configs:
  - job_name: estate
    static_configs:
      - targets: ["127.0.0.1:{target.port}"]
        labels: {{{label}: orders, instance: orders-0}}
""".replace("0.8s", "800ms")
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        str(program.path),
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    reader = Prometheus(f"http://127.0.0.1:{port}", timeout=5.0)
    try:
        await until(reader.ready)
        yield reader
    finally:
        process.terminate()
        await process.wait()
