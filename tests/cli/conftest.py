"""The real API over a real port, with the API tests' small world behind it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from chimera.api.app import create_app
from chimera.platform.settings import Settings
from chimera.platform.store.store import Store
from tests.api.desk import CARD, FakeDesk, furnish, people


@contextmanager
def serving(folder: Path, furnished: Callable[[Store], Awaitable[None]]) -> Iterator[str]:
    """The address of an API that runs in a thread of its own, over a store with some content."""
    url = f"sqlite+aiosqlite:///{folder / 'chimera.db'}"
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    started = threading.Event()
    ending: list[uvicorn.Server] = []

    async def serve() -> None:
        store = await Store.open(url)
        await furnished(store)
        app = create_app(Settings(), store, FakeDesk(store), people(), {CARD.name: CARD})
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        ending.append(server)
        started.set()
        await server.serve(sockets=[listening])
        await store.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(30)
    deadline = time.monotonic() + 30
    while not ending[0].started:
        assert time.monotonic() < deadline, "the API did not start"
        threading.Event().wait(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    ending[0].should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("cli"), furnish) as url:
        yield url


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No stack, settings or tokens of the machine that runs the tests."""
    for name in ("CHIMERA_URL", "CHIMERA_TOKEN", "CHIMERA_CONFIG", "CHIMERA_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHIMERA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
