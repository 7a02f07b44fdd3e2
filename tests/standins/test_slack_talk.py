"""Talking to Chimera in Slack: real Bolt and slack_sdk, a real Temporal, the stand-in over sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from temporalio.client import Client
from temporalio.worker import Worker

from chimera.bench.evaluation.door import WrittenDoor
from chimera.bots.slack import SlackChannel
from chimera.bots.slack_app import slack_app
from chimera.bots.slack_endpoint import slack_endpoint
from chimera.bots.slack_talk import SlackTalk
from chimera.bots.words import Words
from chimera.domain import Estate, Incident, Node, Notice
from chimera.flows.conversation import Conversation
from chimera.flows.conversation.conversation import Models
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.identity.people import People, Person
from chimera.platform.orchestration.talk import Heard, Talking, TalkWorkflow, hearing, talk_queue
from chimera.platform.store import Store
from chimera.runbooks.built import build_runbooks
from chimera.sandbox.standins.workspace import BOT_USER
from tests.standins.serving import SECRETS, StandIns, standins
from tests.standins.test_slack_inbound import Desk

ALICE, BOB, GUEST = "U0ALICE001", "U0BOB00001", "U0GUEST001"
AT = f"<@{BOT_USER}>"
NOW = datetime.now(UTC)
ESTATE = Estate(nodes=(Node(name="fees", runbooks=("restart_service",), owner="money"),))
RUNBOOKS = build_runbooks(None, None, None)  # type: ignore[arg-type]  # only their plans are made
PEOPLE = People(
    (
        Person(id="alice", roles=("operator",), slack=(f"{SECRETS.slack_team}/{ALICE}",)),
        Person(id="bob", roles=("operator",), slack=(f"{SECRETS.slack_team}/{BOB}",)),
    )
)


class Stuck:
    """Somebody who answers nobody, as a process that is about to be killed."""

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def answer(self, heard: Heard) -> None:
        self.began.set()
        await asyncio.Event().wait()


class Office:
    """Chimera's end: the endpoint, and whoever answers, who can be replaced."""

    def __init__(self, client: Client, served: StandIns, store: Store, door: WrittenDoor) -> None:
        self.client, self.served, self.store, self.door = client, served, store, door

    @asynccontextmanager
    async def answering(self, speaker: Any) -> AsyncIterator[None]:
        async with Worker(
            self.client,
            task_queue=talk_queue("q"),
            workflows=[TalkWorkflow],
            activities=[Talking(speaker).answer_message],
            graceful_shutdown_timeout=timedelta(0),
        ):
            yield

    @asynccontextmanager
    async def talking(
        self, model: Models | None = None, words: Words | None = None
    ) -> AsyncIterator[None]:
        section = self.served.settings().slack
        assert section
        services: dict[type, Any] = {
            Store: self.store,
            Estate: ESTATE,
            Shelf: Shelf(one.card for one in RUNBOOKS.values()),
        }
        file = self.served.folder / "chat.db"
        async with (
            Conversation.open(file, services, self.door, model, confirms=True) as conversation,
            self.answering(SlackTalk(section, self.store, PEOPLE.by_slack, conversation, words)),
        ):
            yield

    async def say(self, user: str, text: str, **more: Any) -> list[dict[str, Any]]:
        status, reply = await self.served.post("/slack/say", user=user, text=text, **more)
        assert status == 200, reply
        return list(reply["replies"])

    async def lines(self, event: str, count: int) -> list[dict[str, Any]]:
        """The stand-in's record, as soon as it holds so many."""
        async with asyncio.timeout(60):
            found: list[dict[str, Any]] = []
            while len(found) < count:
                found = await self.served.ledger("slack", event)
        return [line["body"] for line in found]

    async def posted(self, count: int) -> list[dict[str, Any]]:
        return [one["message"] for one in await self.lines("posted", count)]


@pytest.fixture
async def office(client: Client, tmp_path: Path) -> AsyncIterator[Office]:
    api = FastAPI()
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    async with standins(tmp_path, url) as served:
        section = served.settings().slack
        assert section
        app = slack_app(section, Desk(), store, hearing(client, "q", "one-"))
        endpoint = slack_endpoint(app)

        async def events(request: Request) -> Response:
            return await endpoint.handle(request)

        api.add_api_route("/slack/events", events, methods=["POST"], response_model=None)
        server = uvicorn.Server(uvicorn.Config(api, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield Office(client, served, store, WrittenDoor(RUNBOOKS, ESTATE, NOW))
        finally:
            server.should_exit = True
            await serving
            await store.close()


async def test_four_deliveries_and_a_crash_after_the_first_are_one_answer(office: Office) -> None:
    stuck = Stuck()
    async with office.answering(stuck):
        assert [r["status"] for r in await office.say(ALICE, f"{AT} who owns fees?")] == [200]
        await asyncio.wait_for(stuck.began.wait(), 30)
    ts = (await office.lines("interaction", 1))[0]["said"]
    async with office.talking():
        await office.served.post("/slack/again", ts=ts, deliveries=3)
        (said,) = await office.posted(1)
        assert "money" in said["text"]
        assert said["thread_ts"] == ts
        await office.served.post("/slack/again", ts=ts, deliveries=1)
        await office.say(ALICE, "help", channel="D0ALICE001")
        answers = await office.posted(2)
        assert len(answers) == 2
        assert "thread_ts" not in answers[1]


async def test_a_change_is_asked_about_and_only_who_asked_confirms_it(office: Office) -> None:
    async with office.talking():
        await office.say(ALICE, f"{AT} restart fees because it leaks memory")
        (asked,) = await office.posted(1)
        assert "Restarts every replica of fees" in asked["text"]
        assert office.door.placed == []
        press = {"ts": asked["ts"], "action_id": "chimera_confirm", "deliveries": 2}
        await office.served.post("/slack/press", user=BOB, **press)
        (told,) = await office.lines("response", 1)
        assert "for alice" in told["answer"]["text"]
        assert office.door.placed == []
        await office.served.post("/slack/press", user=ALICE, **press)
        await office.lines("updated", 1)
        (placed,) = office.door.placed
        assert placed == ("restart_service", "fees", {"service": "fees"}, "alice")
        status, _ = await office.served.post("/slack/press", user=ALICE, **press)
        assert status == 409, "the buttons are gone"


async def test_an_incidents_thread_is_about_that_incident(office: Office) -> None:
    incident = Incident(
        id="INC-7", title="fees is slow", service="fees", began=NOW, opened=NOW, owner="money"
    )
    await office.store.save_incident(incident)
    section = office.served.settings().slack
    assert section
    opened = Notice(
        id="INC-7/opened", incident="INC-7", kind="opened", title="fees is slow", text="p99", at=NOW
    )
    await SlackChannel(section, office.store).send(opened)
    (head,) = await office.posted(1)
    async with office.talking():
        await office.say(BOB, "why do you think so?", thread_ts=head["ts"])
        answer = (await office.posted(2))[1]
        assert "INC-7" in answer["text"]
        assert answer["thread_ts"] == head["ts"]
        await office.say(BOB, f"<@{ALICE}> have you seen this?", thread_ts=head["ts"])
        await office.say(BOB, "lunch?")
        await office.say(GUEST, "who owns fees?", channel="D0GUEST001")
        stranger = (await office.posted(3))[2]
        assert "I do not know you" in stranger["text"]
        assert "money" not in stranger["text"]


async def test_a_question_by_command_is_answered_to_its_person_alone(office: Office) -> None:
    async with office.talking():
        await office.served.post("/slack/command", user=ALICE, text="who owns fees?")
        (told,) = await office.lines("response", 1)
        assert "money" in told["answer"]["text"]
        await office.served.post("/slack/command", user=ALICE, text="help")
        help_ = (await office.lines("response", 2))[1]
        assert "/chimera status" in help_["answer"]["text"]
        assert await office.served.ledger("slack", "posted") == []
