"""What Slack's and Teams' tests share: the estate, the desk, whoever answers, and an open port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from temporalio.client import Client
from temporalio.worker import Worker

from chimera.domain import Estate, Node, NotAllowed, NotFound, Notice, Order, Plan, Principal
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.orchestration.talk import Heard, Talking, TalkWorkflow, talk_queue
from chimera.platform.store import OrderRecord, Store
from chimera.runbooks.built import build_runbooks
from tests.clock import just_now

PLAN = "5d41402abc4b2a76"
ESTATE = Estate(
    nodes=(
        Node(name="fees", runbooks=("restart_service", "scale_service"), owner="money"),
        Node(name="orders", calls=("fees",)),
    )
)
RUNBOOKS = build_runbooks(None, None, None)  # type: ignore[arg-type]  # only their plans are made
EVIL = "orders is slow, see https://evil.example/login <!channel>"


class Desk:
    """The handler: writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.notes: list[str] = []  # what was said with an answer
        self.gate = asyncio.Event()
        self.gate.set()
        self.refusal: Exception | None = None

    async def answer(
        self, order_id: str, plan_hash: str, granted: bool, team: str, user: str, note: str
    ) -> str:
        self.asked.append((order_id, plan_hash, granted, team, user))
        self.notes.append(note)
        await self.gate.wait()
        if self.refusal:
            raise self.refusal
        return "thank you <alice>"

    async def pause(self, environment: str | None, team: str, user: str) -> str:
        self.asked.append(("pause", environment, team, user))
        return "paused"

    async def resume(self, environment: str | None, team: str, user: str) -> str:
        self.asked.append(("resume", environment, team, user))
        return "resumed"

    async def status(self, team: str, user: str) -> str:
        self.asked.append(("status", team, user))
        return "all is well"


class Affairs:
    """Orders that are placed, and how things stand."""

    def __init__(self, waiting: int = 1, incidents: int = 1) -> None:
        self.placed: list[Order] = []
        self.cards = {name: one.card for name, one in RUNBOOKS.items()}
        self.gone: Exception | None = None
        self._waiting = [
            order_of("restart_service", {"service": "fees"}, n) for n in range(waiting)
        ]
        self._incidents = incidents
        self.paused: list[dict[str, str]] = []

    async def run_runbook(
        self, name: str, parameters: dict[str, str], target: str, reason: str, who: Principal,
        dry_run: bool = False,
    ) -> Order | Plan:  # fmt: skip
        if not who.has("operator"):
            raise NotAllowed(f"{who.id} may not run {name}")
        order = order_of(name, parameters, len(self.placed), target, who.id, reason)
        if dry_run:
            return RUNBOOKS[name].plan(order, ESTATE)
        if self.gone:
            raise self.gone
        self.placed.append(order)
        return order

    async def status(self) -> dict[str, Any]:
        one = {
            "phase": "open", "title": EVIL, "priority": "P2", "impact": "orders fail", "marks": [],
        }  # fmt: skip
        return {
            "paused": self.paused,
            "open_incidents": [{**one, "id": f"INC-{n}"} for n in range(self._incidents)],
            "waiting_orders": [order.id for order in self._waiting],
        }

    async def order(self, order_id: str) -> OrderRecord:
        for order in self._waiting:
            if order.id == order_id:
                return OrderRecord(order=order, plan=RUNBOOKS[order.runbook].plan(order, ESTATE))
        raise NotFound(order_id)


def order_of(
    runbook: str, parameters: dict[str, str], number: int, target: str = "fees",
    by: str = "chimera", reason: str = "it leaks",
) -> Order:  # fmt: skip
    return Order(
        id=f"MAN-{number}/1",
        incident=f"MAN-{number}",
        attempt=1,
        runbook=runbook,
        parameters=parameters,
        target=target,
        reason=reason,
        requested_by=by,
        created=just_now(),
        expires=just_now() + timedelta(hours=1),
    )


def approval() -> Notice:
    """What asks people for an answer."""
    return Notice(
        id="INC-1/approval/1",
        incident="INC-1",
        kind="approval",
        title="Roll back payments to 2.4.0?",
        text="Reversible; risk low.",
        order_id="INC-1/1",
        plan_hash=PLAN,
        at=datetime.now(UTC),
    )


class Stuck:
    """Somebody who answers nobody, as a process that is about to be killed."""

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def answer(self, heard: Heard) -> None:
        self.began.set()
        await asyncio.Event().wait()


def known_to_talk(store: Store) -> dict[type, Any]:
    """What conversations look things up in."""
    shelf = Shelf(one.card for one in RUNBOOKS.values())
    return {Store: store, Estate: ESTATE, Shelf: shelf}


@asynccontextmanager
async def answering(client: Client, speaker: Any) -> AsyncIterator[None]:
    """Have somebody answer what is written down, until the block ends as by a crash."""
    async with Worker(
        client,
        task_queue=talk_queue("q"),
        workflows=[TalkWorkflow],
        activities=[Talking(speaker).answer_message],
        graceful_shutdown_timeout=timedelta(0),
    ):
        yield


class Port:
    """A port of this machine, known before anybody serves there."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    @asynccontextmanager
    async def serving(self, *routes: Route) -> AsyncIterator[None]:
        """Answer there until the block ends."""
        app = Starlette(routes=routes)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        running = asyncio.create_task(server.serve(sockets=[self._listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await running
