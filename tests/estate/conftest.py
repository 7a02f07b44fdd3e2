"""One practice estate for all tests of this folder: real processes on random ports."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pyarrow.parquet as pq
import pytest

from chimera.platform.actuators.processes import ProcessActuator
from chimera.sandbox.faults.catalogue import FaultDoor

TOKENS = {"reader": "may-read", "actuator": "may-act", "faults": "may-break"}


async def until(
    true: Callable[[], Awaitable[bool]], seconds: float, what: str | Callable[[], str]
) -> None:
    """Wait for a condition, or fail with what was waited for; a callable says how things are then."""
    deadline = time.monotonic() + seconds
    while not await true():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what if isinstance(what, str) else what()}")
        await asyncio.sleep(0.2)


@dataclass
class Estate:
    """A running controller and how to reach it."""

    home: Path
    url: str
    process: asyncio.subprocess.Process

    def actuator(self, token: str = TOKENS["actuator"]) -> ProcessActuator:
        return ProcessActuator(self.url, token)

    @property
    def door(self) -> FaultDoor:
        return FaultDoor(self.url, TOKENS["faults"])

    async def samples(self, service: str) -> dict[str, float]:
        """The metrics of a service's first process, as Prometheus would read them."""
        groups = json.loads((self.home / "targets.json").read_text())
        address = next(g["targets"][0] for g in groups if g["labels"]["service"] == service)
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http,
            http.get(f"http://{address}/metrics") as answer,
        ):
            text = await answer.text()
        lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in lines}

    async def total(self, service: str, pattern: str) -> float:
        """The sum of all series whose name and labels match."""
        found = await self.samples(service)
        return sum(value for name, value in found.items() if re.search(pattern, name))

    def curated(self) -> list[int]:
        """The ids of all curated orders that lie there."""
        folder = self.home / "data" / "transform-0" / "curated_orders"
        tables = [pq.read_table(path, columns=["id"]) for path in sorted(folder.glob("*.parquet"))]
        return [number for table in tables for number in table.column("id").to_pylist()]

    async def stocked(self, count: int) -> None:
        """Wait until so many lie there: a fault of data needs data."""

        async def there() -> bool:
            return len(self.curated()) >= count

        await until(there, 120, f"{count} orders are curated")

    def exported(self, order: int) -> Callable[[], Awaitable[bool]]:
        """Whether the pipeline has pulled all orders up to this one."""

        async def there() -> bool:
            state = json.loads((self.home / "lake" / "state" / "ingest.json").read_text())
            return bool(state["last_id"] >= order)

        return there

    async def rise(self, service: str, pattern: str, per: str, seconds: float = 3.0) -> float:
        """How much one counter grew for each unit that another did, over some seconds."""
        before = await self.total(service, pattern), await self.total(service, per)
        await asyncio.sleep(seconds)  # a window to measure over, not a hope
        after = await self.total(service, pattern), await self.total(service, per)
        return (after[0] - before[0]) / max(1.0, after[1] - before[1])


async def start(home: Path) -> Estate:
    """Start a controller and wait until all of its services answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (home / "tokens.json").write_text(json.dumps(TOKENS))
    with (home / "controller.out").open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "chimera.sandbox.estate.controller"),
            *("--home", str(home), "--port", str(port), "--seed", "7"),
            *("--tokens", str(home / "tokens.json"), "--targets", str(home / "targets.json")),
            stdout=out,
            stderr=out,
        )
    estate = Estate(home, f"http://127.0.0.1:{port}", process)

    async def ready() -> bool:
        assert process.returncode is None, (home / "controller.out").read_text()
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.get(f"{estate.url}/-/ready") as answer,
            ):
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    await until(ready, 150, "the practice estate is ready")
    return estate


@pytest.fixture(scope="session")
async def panther(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Estate]:
    """The running estate; whatever a test broke, the next one finds mended."""
    estate = await start(tmp_path_factory.mktemp("panther"))
    yield estate
    estate.process.terminate()
    await asyncio.wait_for(estate.process.wait(), 60)


@pytest.fixture
async def estate(panther: Estate) -> AsyncIterator[Estate]:
    yield panther
    await panther.door.reset()
