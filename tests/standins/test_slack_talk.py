"""Talking to Chimera in Slack: real Bolt and slack_sdk, a real Temporal, the stand-in over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route
from temporalio.client import Client

from chimera.bench.evaluation.door import WrittenDoor
from chimera.bots.slack import SlackChannel
from chimera.bots.slack_app import slack_app
from chimera.bots.slack_endpoint import slack_endpoint
from chimera.bots.slack_talk import SlackTalk
from chimera.bots.words import Words
from chimera.domain import Incident, Notice
from chimera.flows.conversation import Conversation
from chimera.flows.conversation.conversation import Models
from chimera.platform.identity.people import People, Person
from chimera.platform.orchestration.talk import hearing
from chimera.platform.store import Store
from chimera.sandbox.standins.workspace import BOT_USER
from tests.clock import just_now
from tests.standins.company import (
    ESTATE,
    RUNBOOKS,
    Desk,
    Port,
    Stuck,
    answering,
    known_to_talk,
)
from tests.standins.serving import SECRETS, StandIns, said, standins

ALICE, BOB, GUEST = "U0ALICE001", "U0BOB00001", "U0GUEST001"
AT = f"<@{BOT_USER}>"
PEOPLE = People(
    (
        Person(id="alice", roles=("operator",), slack=(f"{SECRETS.slack_team}/{ALICE}",)),
        Person(id="bob", roles=("operator",), slack=(f"{SECRETS.slack_team}/{BOB}",)),
    )
)


class Office:
    """Chimera's end: the endpoint, and whoever answers, who can be replaced."""

    def __init__(self, client: Client, served: StandIns, store: Store, door: WrittenDoor) -> None:
        self.client, self.served, self.store, self.door = client, served, store, door

    @asynccontextmanager
    async def talking(
        self, model: Models | None = None, words: Words | None = None
    ) -> AsyncIterator[None]:
        section = self.served.settings().slack
        assert section
        file = self.served.folder / "chat.db"
        async with (
            Conversation.open(
                file, known_to_talk(self.store), self.door, model, confirms=True
            ) as conversation,
            answering(
                self.client, SlackTalk(section, self.store, PEOPLE.by_slack, conversation, words)
            ),
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
    port = Port()
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    async with standins(tmp_path, f"{port.url}/slack/events") as served:
        section = served.settings().slack
        assert section
        app = slack_app(section, Desk(), store, hearing(client, "q", "one-"))  # type: ignore[arg-type]
        async with port.serving(
            Route("/slack/events", slack_endpoint(app).handle, methods=["POST"])
        ):
            yield Office(client, served, store, WrittenDoor(RUNBOOKS, ESTATE, just_now()))
    await store.close()


async def test_four_deliveries_and_a_crash_after_the_first_are_one_answer(office: Office) -> None:
    stuck = Stuck()
    async with answering(office.client, stuck):
        assert [r["status"] for r in await office.say(ALICE, f"{AT} who owns fees?")] == [200]
        await asyncio.wait_for(stuck.began.wait(), 30)
    ts = (await office.lines("interaction", 1))[0]["said"]
    async with office.talking():
        await office.served.post("/slack/again", ts=ts, deliveries=3)
        (answer,) = await said(office.served, "slack", 1)
        assert "money" in answer["text"]
        assert answer["thread_ts"] == ts
        await office.served.post("/slack/again", ts=ts, deliveries=1)
        await office.say(ALICE, "help", channel="D0ALICE001")
        answers = await said(office.served, "slack", 2)
        assert len(answers) == 2
        assert "thread_ts" not in answers[1]


async def test_a_change_is_asked_about_and_only_who_asked_confirms_it(office: Office) -> None:
    async with office.talking():
        await office.say(ALICE, f"{AT} restart fees because it leaks memory")
        (asked,) = await said(office.served, "slack", 1)
        assert "Restarts every replica of fees" in asked["text"]
        assert office.door.placed == []
        press = {"ts": asked["ts"], "action_id": "chimera_confirm", "deliveries": 2}
        await office.served.post("/slack/press", user=BOB, **press)
        (told,) = await office.lines("response", 1)
        assert "for alice" in told["answer"]["text"]
        assert office.door.placed == []
        await office.served.post("/slack/press", user=ALICE, **press)
        await said(office.served, "slack", 1, "Confirmed by alice")
        (placed,) = office.door.placed
        assert placed == ("restart_service", "fees", {"service": "fees"}, "alice")
        status, _ = await office.served.post("/slack/press", user=ALICE, **press)
        assert status == 409, "the buttons are gone"


async def test_an_incidents_thread_is_about_that_incident(office: Office) -> None:
    incident = Incident(
        id="INC-7",
        title="fees is slow",
        service="fees",
        began=just_now(),
        opened=just_now(),
        owner="money",
    )
    await office.store.save_incident(incident)
    section = office.served.settings().slack
    assert section
    opened = Notice(
        id="INC-7/opened",
        incident="INC-7",
        kind="opened",
        title="fees is slow",
        text="p99",
        at=just_now(),
    )
    await SlackChannel(section, office.store).send(opened)
    (head,) = await said(office.served, "slack", 1)
    async with office.talking():
        await office.say(BOB, "why do you think so?", thread_ts=head["ts"])
        answer = (await said(office.served, "slack", 2))[1]
        assert "INC-7" in answer["text"]
        assert answer["thread_ts"] == head["ts"]
        (line,) = [one for one in await office.store.events("INC-7") if one.actor == "bob"]
        assert line.text == "said: why do you think so?"
        await office.say(BOB, f"<@{ALICE}> have you seen this?", thread_ts=head["ts"])
        await office.say(BOB, "lunch?")
        await office.say(GUEST, "who owns fees?", channel="D0GUEST001")
        stranger = (await said(office.served, "slack", 3))[2]
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
