"""Talking to Chimera in Teams: Microsoft's SDK, a real Temporal, the stand-in over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from chimera.bench.evaluation.door import WrittenDoor
from chimera.bots.talk import Talks
from chimera.bots.teams import TeamsChannel
from chimera.bots.teams_talk import TeamsTalk
from chimera.domain import Estate, Incident, Node, Notice, Unavailable
from chimera.flows.conversation import Conversation
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.identity.people import People, Person
from chimera.platform.orchestration.talk import Heard, Talking, TalkWorkflow, hearing, talk_queue
from chimera.platform.store import Store
from chimera.runbooks.built import build_runbooks
from tests.standins.serving import MemoryNotes, StandIns
from tests.standins.teams_office import (
    ALICE,
    BOB,
    GUEST,
    TENANT,
    lines,
    posted,
    teams_office,
    verbs,
    words,
)
from tests.standins.test_slack_inbound import Desk

NOW = datetime.now(UTC)
ESTATE = Estate(nodes=(Node(name="fees", runbooks=("restart_service",), owner="money"),))
RUNBOOKS = build_runbooks(None, None, None)  # type: ignore[arg-type]  # only their plans are made
PEOPLE = People(
    (
        Person(id="alice", roles=("operator",), teams=(f"{TENANT}/{ALICE}",)),
        Person(id="bob", roles=("operator",), teams=(f"{TENANT}/{BOB}",)),
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
    """Whoever answers, who can be replaced."""

    def __init__(self, client: Client, served: StandIns, store: Store) -> None:
        self.client, self.served, self.store = client, served, store
        self.door = WrittenDoor(RUNBOOKS, ESTATE, NOW)

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
    async def talking(self) -> AsyncIterator[None]:
        services: dict[type, Any] = {
            Store: self.store,
            Estate: ESTATE,
            Shelf: Shelf(one.card for one in RUNBOOKS.values()),
        }
        file = self.served.folder / "chat.db"
        async with Conversation.open(file, services, self.door, confirms=True) as conversation:
            talk = TeamsTalk(self.served.teams(), self.store, PEOPLE.by_teams, conversation)
            async with self.answering(Talks(talk)):
                yield

    async def say(self, user: str, text: str, **more: Any) -> str:
        status, reply = await self.served.post("/teams/say", user=user, text=text, **more)
        assert status == 200, reply
        assert {one["status"] for one in reply["replies"]} == {200}
        return str(reply["id"])

    async def press(self, user: str, message: dict[str, Any], verb: str, **more: Any) -> str:
        press = {"user": user, "id": message["id"], "verb": verb, **more}
        status, reply = await self.served.post("/teams/press", **press)
        assert status == 200, reply
        body = reply["replies"][0]["body"]
        return str(body["value"]) if body else ""


@pytest.fixture
async def office(client: Client, tmp_path: Path) -> AsyncIterator[Office]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    hear = hearing(client, "q", "one-")
    async with teams_office(tmp_path, Desk(), store, hear) as served:
        yield Office(client, served, store)
    await store.close()


async def test_four_deliveries_and_a_crash_after_the_first_are_one_answer(office: Office) -> None:
    stuck = Stuck()
    async with office.answering(stuck):
        asked = await office.say(ALICE, "@Chimera who owns fees?")
        await asyncio.wait_for(stuck.began.wait(), 30)
    async with office.talking():
        await office.served.post("/teams/again", id=asked, deliveries=3)
        (said,) = await posted(office.served, 1)
        assert "money" in words(said)
        assert said["root"] == asked
        await office.served.post("/teams/again", id=asked, deliveries=1)
        await office.say(ALICE, "who owns fees?", where="personal")
        answers = await posted(office.served, 2)
        assert len(answers) == 2
        assert not answers[1]["root"]


async def test_a_change_is_asked_about_and_only_who_asked_confirms_it(office: Office) -> None:
    async with office.talking():
        await office.say(ALICE, "@Chimera restart fees because it leaks memory")
        (asked,) = await posted(office.served, 1)
        assert "Restarts every replica of fees" in words(asked)
        assert verbs(asked) == ["chimera_confirm", "chimera_cancel"]
        await office.press(BOB, asked, "chimera_confirm")
        told = (await posted(office.served, 2))[1]
        assert "for alice" in words(told)
        assert office.door.placed == []
        said = await office.press(ALICE, asked, "chimera_confirm", deliveries=4)
        assert "thread" in said
        (edited,) = await lines(office.served, "updated", 1)
        (placed,) = office.door.placed
        assert placed == ("restart_service", "fees", {"service": "fees"}, "alice")
        assert "Confirmed by alice" in words(edited["message"])
        assert verbs(edited["message"]) == []


async def test_an_older_client_cancels_with_a_message(office: Office) -> None:
    async with office.talking():
        await office.say(ALICE, "restart fees because it leaks memory", where="personal")
        (asked,) = await posted(office.served, 1)
        await office.press(ALICE, asked, "chimera_cancel", old=True)
        (edited,) = await lines(office.served, "updated", 1)
        assert "Cancelled by alice" in words(edited["message"])
        assert office.door.placed == []


async def test_an_incidents_thread_is_about_that_incident(office: Office) -> None:
    incident = Incident(
        id="INC-7", title="fees is slow", service="fees", began=NOW, opened=NOW, owner="money"
    )
    await office.store.save_incident(incident)
    opened = Notice(
        id="INC-7/opened", incident="INC-7", kind="opened", title="fees is slow", text="p99", at=NOW
    )
    link = await TeamsChannel(office.served.teams(), office.store).send(opened)
    (head,) = await posted(office.served, 1)
    assert link
    assert head["id"] in link
    root = head["id"]
    async with office.talking():
        await office.say(BOB, "why do you think so?", root=root)
        answer = (await posted(office.served, 2))[1]
        assert "INC-7" in words(answer)
        assert answer["root"] == root
        await office.say(BOB, "@Alice have you seen this?", root=root)
        await office.say(BOB, "lunch?")
        await office.say(GUEST, "who owns fees?", where="personal")
        stranger = (await posted(office.served, 3))[2]
        assert "I do not know you" in words(stranger)
        assert "money" not in words(stranger)


async def test_while_temporal_is_away_teams_is_told_to_deliver_again(tmp_path: Path) -> None:
    async def hear(heard: Heard) -> None:
        raise Unavailable("Temporal", "write a message down", "gone")

    async with teams_office(tmp_path, Desk(), MemoryNotes(), hear) as served:
        _, reply = await served.post("/teams/say", user=ALICE, text="@Chimera who owns fees?")
        assert [one["status"] for one in reply["replies"]] == [503]
