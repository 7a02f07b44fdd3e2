"""Talking to Chimera in Teams: Microsoft's SDK, a real Temporal, the stand-in over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from chimera.bench.evaluation.door import WrittenDoor
from chimera.bots.talk import Talks
from chimera.bots.teams import TeamsChannel
from chimera.bots.teams_talk import TeamsTalk
from chimera.bots.words import Words
from chimera.domain import Incident, Notice, Unavailable
from chimera.flows.conversation import Conversation
from chimera.flows.conversation.conversation import Models
from chimera.platform.identity.people import People, Person
from chimera.platform.orchestration.talk import Heard, hearing
from chimera.platform.store import Store
from tests.clock import just_now
from tests.standins.company import (
    ESTATE,
    RUNBOOKS,
    Desk,
    Stuck,
    answering,
    known_to_talk,
)
from tests.standins.serving import MemoryNotes, StandIns, said
from tests.standins.teams_office import (
    ALICE,
    BOB,
    GUEST,
    TENANT,
    teams_office,
    verbs,
    words,
)

PEOPLE = People(
    (
        Person(id="alice", roles=("operator",), teams=(f"{TENANT}/{ALICE}",)),
        Person(id="bob", roles=("operator",), teams=(f"{TENANT}/{BOB}",)),
    )
)


class Office:
    """Whoever answers, who can be replaced."""

    def __init__(self, client: Client, served: StandIns, store: Store) -> None:
        self.client, self.served, self.store = client, served, store
        self.door = WrittenDoor(RUNBOOKS, ESTATE, just_now())

    @asynccontextmanager
    async def talking(
        self, model: Models | None = None, words: Words | None = None
    ) -> AsyncIterator[None]:
        file = self.served.folder / "chat.db"
        async with Conversation.open(
            file, known_to_talk(self.store), self.door, model, confirms=True
        ) as conversation:
            talk = TeamsTalk(self.served.teams(), self.store, PEOPLE.by_teams, conversation, words)
            async with answering(self.client, Talks(talk)):
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
    async with answering(office.client, stuck):
        asked = await office.say(ALICE, "@Chimera who owns fees?")
        await asyncio.wait_for(stuck.began.wait(), 30)
    async with office.talking():
        await office.served.post("/teams/again", id=asked, deliveries=3)
        (answer,) = await said(office.served, "teams", 1)
        assert "money" in words(answer)
        assert answer["root"] == asked
        await office.served.post("/teams/again", id=asked, deliveries=1)
        await office.say(ALICE, "who owns fees?", where="personal")
        answers = await said(office.served, "teams", 2)
        assert len(answers) == 2
        assert not answers[1]["root"]


async def test_a_change_is_asked_about_and_only_who_asked_confirms_it(office: Office) -> None:
    async with office.talking():
        await office.say(ALICE, "@Chimera restart fees because it leaks memory")
        (asked,) = await said(office.served, "teams", 1)
        assert "Restarts every replica of fees" in words(asked)
        assert verbs(asked) == ["chimera_confirm", "chimera_cancel"]
        await office.press(BOB, asked, "chimera_confirm")
        refused = (await said(office.served, "teams", 2))[1]
        assert "for alice" in words(refused)
        assert office.door.placed == []
        told = await office.press(ALICE, asked, "chimera_confirm", deliveries=4)
        assert "thread" in told
        edited, *_ = await said(office.served, "teams", 3, "Confirmed by alice")
        (placed,) = office.door.placed
        assert placed == ("restart_service", "fees", {"service": "fees"}, "alice")
        assert "Confirmed by alice" in words(edited)
        assert verbs(edited) == []


async def test_an_older_client_cancels_with_a_message(office: Office) -> None:
    async with office.talking():
        await office.say(ALICE, "restart fees because it leaks memory", where="personal")
        (asked,) = await said(office.served, "teams", 1)
        await office.press(ALICE, asked, "chimera_cancel", old=True)
        edited, *_ = await said(office.served, "teams", 2, "Cancelled by alice")
        assert "Cancelled by alice" in words(edited)
        assert office.door.placed == []


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
    opened = Notice(
        id="INC-7/opened",
        incident="INC-7",
        kind="opened",
        title="fees is slow",
        text="p99",
        at=just_now(),
    )
    link = await TeamsChannel(office.served.teams(), office.store).send(opened)
    (head,) = await said(office.served, "teams", 1)
    assert link
    assert head["id"] in link
    root = head["id"]
    async with office.talking():
        await office.say(BOB, "why do you think so?", root=root)
        answer = (await said(office.served, "teams", 2))[1]
        assert "INC-7" in words(answer)
        assert answer["root"] == root
        await office.say(BOB, "@Alice have you seen this?", root=root)
        await office.say(BOB, "lunch?")
        await office.say(GUEST, "who owns fees?", where="personal")
        stranger = (await said(office.served, "teams", 3))[2]
        assert "I do not know you" in words(stranger)
        assert "money" not in words(stranger)


async def test_while_temporal_is_away_teams_is_told_to_deliver_again(tmp_path: Path) -> None:
    async def hear(heard: Heard) -> None:
        raise Unavailable("Temporal", "write a message down", "gone")

    async with teams_office(tmp_path, Desk(), MemoryNotes(), hear) as served:
        _, reply = await served.post("/teams/say", user=ALICE, text="@Chimera who owns fees?")
        assert [one["status"] for one in reply["replies"]] == [503]
