"""A conversation with a model behind a socket: it looks and words; the rules are there when it is not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from chimera.agents.chat.shape import Reply
from chimera.agents.reasoning.chatting import CHAT, chatting
from chimera.bench.evaluation.door import WrittenDoor
from chimera.domain import Estate, Incident, Node, Principal
from chimera.flows.conversation import Conversation
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.store import Store
from chimera.runbooks.built import build_runbooks
from tests.models.serving import Server, server

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
ANA = Principal(id="ana", name="Ana", roles=("operator",))
ESTATE = Estate(
    nodes=(Node(name="lending", calls=("fees",), runbooks=("restart_service",)), Node(name="fees"))
)
RUNBOOKS = build_runbooks(None, None, None)  # type: ignore[arg-type]  # only their plans are made
LOOK = {"name": "list_incidents", "arguments": {"state": "open"}}


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path) as running:
        yield running


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[dict[type, Any]]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    began = NOW - timedelta(hours=1)
    title = "lending is slow, says pat@readers.example"
    one = Incident(id="INC-7", title=title, service="lending", began=began, opened=began)
    await store.save_incident(one)
    shelf = Shelf(one.card for one in RUNBOOKS.values())
    yield {Store: store, Estate: ESTATE, Shelf: shelf}
    await store.close()


class Chat:
    """One thread with one model."""

    def __init__(self, there: Server, services: dict[type, Any], **more: Any) -> None:
        self.heard: list[str] = []
        self.model = there.model(services[Store], **{"retries": 0, "turn_seconds": 30.0, **more})
        self.door = WrittenDoor(RUNBOOKS, ESTATE, NOW)
        talks = chatting(self.model, self.heard.append)
        self.conversation = Conversation(services, self.door, InMemorySaver(), model=talks)

    async def say(self, text: str) -> Reply:
        try:
            return await self.conversation.say("thread", text, ANA, NOW)
        finally:
            await self.model.close()


async def test_it_looks_words_what_it_saw_and_is_recorded_with_the_answer(
    there: Server, services: dict[type, Any]
) -> None:
    words = "Lending is slow (INC-7); EMAIL_1 told of it."
    await there.says({"calls": [LOOK]}, {"text": words})
    chat = Chat(there, services, price_in=2.0)
    reply = await chat.say("qué pasa con lending?")
    assert reply.text == "Lending is slow (INC-7); pat@readers.example told of it."
    assert reply.evidence
    assert chat.heard[-1] == words
    assert reply.made is not None
    assert (reply.made.model, reply.made.prompt) == ("standin-2026-11-01", CHAT)
    assert reply.made.requests == 2
    assert reply.made.money == pytest.approx(2e-6 * reply.made.tokens_in)
    last = (await chat.conversation.history("thread"))[-1]
    assert (last["model"], last["prompt"]) == ("standin-2026-11-01", CHAT)
    asked = await there.requests()
    assert "pat@readers" not in str(asked)
    assert "INC-7" in str(asked[-1]["messages"])
    spent = await services[Store].model_cost(account="thread")
    assert spent.tokens == reply.made.tokens_in + reply.made.tokens_out
    assert not chat.door.placed


@pytest.mark.parametrize(
    "line",
    [
        {"text": ""},
        {"error": "500"},
        {"error": "401"},
        {"wait": 60},
        {"text": "and ", "manner": "endless"},
        {"calls": [{"name": "restart_service", "arguments": {"service": "lending"}}]},
    ],
)
async def test_without_a_usable_answer_the_rules_give_theirs(
    there: Server, services: dict[type, Any], line: dict[str, Any]
) -> None:
    await there.says(line, forever=True)
    chat = Chat(there, services, turn_seconds=4.0, answer=100)
    reply = await chat.say("which incidents are open?")
    assert "INC-7" in reply.text + str(reply.tables)
    assert reply.made is not None
    assert reply.made.instead
    assert not chat.door.placed


async def test_a_call_with_strange_arguments_is_told_so_and_the_turn_goes_on(
    there: Server, services: dict[type, Any]
) -> None:
    strange = {
        "name": "list_incidents",
        "arguments": {"tool": "x", "self": 1, "since": "yesterday"},
    }
    await there.says({"calls": [strange]}, {"calls": [LOOK]}, {"text": "INC-7 is open."})
    reply = await Chat(there, services).say("which incidents are open?")
    assert reply.text == "INC-7 is open."
    assert "cannot use" in str((await there.requests())[1]["messages"])


async def test_what_the_person_words_as_a_change_is_the_grammars_and_no_model_is_asked(
    there: Server, services: dict[type, Any]
) -> None:
    chat = Chat(there, services)
    reply = await chat.say("restart lending because it leaks")
    assert reply.kind == "proposed"
    assert [placed[:2] for placed in chat.door.placed] == [("restart_service", "lending")]
    assert not await there.requests()


async def test_a_spent_budget_is_said_and_the_rules_go_on(
    there: Server, services: dict[type, Any]
) -> None:
    chat = Chat(there, services, conversation={"tokens": 50})
    reply = await chat.say("which incidents are open?")
    assert "INC-7" in reply.text + str(reply.tables)
    assert reply.made is not None
    assert "model.conversation.tokens" in reply.made.instead
    assert not await there.requests()
