"""The stand-ins as `chimera up` starts them: a process of their own, killed and started again."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from chimera.platform.ticketing.servicenow import ServiceNow
from tests.standins.serving import SECRETS, StandIns


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@asynccontextmanager
async def process(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running process; killed at the end, as a crash would."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chimera.sandbox.standins", "--home", str(folder / "home")),
        *("--port", str(port), "--secrets", str(folder / "secrets.json")),
    )
    try:
        await ready(f"http://127.0.0.1:{port}/-/ready")
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def ready(url: str) -> None:
    async with asyncio.timeout(60), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as reply:
                    if reply.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


async def test_what_was_acknowledged_survives_a_kill_and_a_term_ends_it(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps(SECRETS.model_dump()))
    port = free_port()
    async with aiohttp.ClientSession() as session:
        running = StandIns(f"http://127.0.0.1:{port}", session, tmp_path)
        section = running.settings().servicenow
        assert section
        async with process(tmp_path, port):
            ticket = await ServiceNow(section).open("c-1", "s", "d")
        async with process(tmp_path, port) as again:
            assert await ServiceNow(section).find("c-1") == ticket
            again.terminate()
            async with asyncio.timeout(40):
                assert await again.wait() == 0
