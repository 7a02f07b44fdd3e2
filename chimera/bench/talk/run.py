"""Turns in pairs, one with Chimera and one without, so that a busy machine slows both alike."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from chimera.agents.reasoning.chatting import chatting
from chimera.bench.talk.bare import Recorder, Request, bare
from chimera.domain import Estate, Incident, Node, Principal, Unavailable
from chimera.domain.dialogue import Model
from chimera.flows.conversation import Conversation
from chimera.platform.governance.audit_trail import Trail
from chimera.platform.models.model import LanguageModel
from chimera.platform.settings import Model as Access
from chimera.platform.settings import Settings
from chimera.platform.store import Store
from chimera.sandbox.stack.ports import free_ports

QUESTION = "which incidents are open?"
TURNS_OF_A_THREAD = 10
WARM = 3
READY = 60.0  # seconds for the model's stand-in to come up
WHO = Principal(id="bench", name="Bench", roles=("operator",), via="bench")


async def measure(turns: int) -> dict[str, Any]:
    """Milliseconds of each kind of turn, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="chimera-bench-chat-") as name:
        folder = Path(name)
        async with stand_in(folder) as url:
            access = Access(url=url, name="standin", conversation={}, day={})
            store = await Store.open(f"sqlite+aiosqlite:///{folder / 'store.db'}")
            model = LanguageModel(access, store)
            try:
                return await compared(folder, store, model, turns)
            finally:
                await model.close()
                await store.close()


async def compared(folder: Path, store: Store, model: LanguageModel, turns: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    await store.save_incident(
        Incident(id="INC-1", title="orders is slow", service="orders", began=now, opened=now)
    )
    services: dict[type, Any] = {
        Store: store,
        Settings: Settings(),
        Trail: Trail(store.audit),
        Estate: Estate(nodes=(Node(name="orders", calls=("payments",)), Node(name="payments"))),
    }
    talks = chatting(model)
    requests: list[Request] = []
    recording = True

    def of(thread: str) -> Model:
        dialogue = talks(thread)
        if not recording:
            return dialogue
        requests.clear()
        return Recorder(dialogue, requests)

    async with (
        Conversation.open(folder / "chat.db", services, model=of) as conversation,
        AsyncSqliteSaver.from_conn_string(str(folder / "bare.db")) as saver,
    ):
        for _ in range(WARM):
            await conversation.say("warm", QUESTION, WHO)
        recording = False
        graph = bare(model, tuple(requests), saver)
        with_chimera, without = [], []
        for number in range(-WARM, turns):
            thread = f"thread-{number // TURNS_OF_A_THREAD}"
            began = time.perf_counter()
            reply = await conversation.say(thread, QUESTION, WHO)
            middle = time.perf_counter()
            config: Any = {"configurable": {"thread_id": thread}}
            await graph.ainvoke({"message": QUESTION}, config)
            end = time.perf_counter()
            if reply.made is None or reply.made.instead:
                raise Unavailable("the stand-in for the model", "answer every turn")
            if number >= 0:
                with_chimera.append(1000 * (middle - began))
                without.append(1000 * (end - middle))
    ours, theirs = spread(with_chimera), spread(without)
    return {
        "turns": turns,
        "requests_a_turn": len(requests),
        "with_chimera_ms": ours,
        "bare_graph_ms": theirs,
        "ratio_of_medians": ours["median"] / theirs["median"],
    }


def spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "median": ordered[len(ordered) // 2],
        "p95": ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)],
    }


@asynccontextmanager
async def stand_in(folder: Path) -> AsyncIterator[str]:
    """The stand-ins in a process of their own; the model's address."""
    secrets = folder / "secrets.json"
    names = (
        "servicenow_user",
        "servicenow_password",
        "slack_token",
        "slack_signing_secret",
        "page_token",
    )
    secrets.write_text(json.dumps({**dict.fromkeys(names, "bench"), "model_key": "none"}))
    (port,) = free_ports(1)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chimera.sandbox.standins", "--home", str(folder / "standins"),
        "--port", str(port), "--secrets", str(secrets),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await ready(f"http://127.0.0.1:{port}/-/ready", process)
        yield f"http://127.0.0.1:{port}/model/v1"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def ready(url: str, process: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + READY
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < deadline and process.returncode is None:
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise Unavailable("the stand-in for the model", f"come up within {READY:g} s")
