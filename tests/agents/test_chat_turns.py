"""Orders of several messages: what is missing, another value, a yes with a remark, who has it, vetoes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chimera.bench.evaluation.door import WrittenDoor
from chimera.flows.conversation import Conversation
from chimera.platform.store import Store
from tests.agents.test_chat_conversation import ANA, BEN, ESTATE, NOW, RUNBOOKS, VIC, services

__all__ = ["services"]


@pytest.fixture
def door() -> WrittenDoor:
    return WrittenDoor(RUNBOOKS, ESTATE, NOW, (ANA, BEN, VIC))


@pytest.fixture
async def talk(
    services: dict[type, Any], door: WrittenDoor, tmp_path: Path
) -> AsyncIterator[Conversation]:
    async with Conversation.open(tmp_path / "chat.db", services, door) as conversation:
        yield conversation


RESTART = ("restart_service", "fees", {"service": "fees"}, "ana")
SCALE = ("scale_service", "fees", {"service": "fees", "replicas": "5"}, "ana")


@pytest.mark.parametrize(
    ("said", "placed"),
    [
        (["restart", "fees"], [RESTART]),
        (["restart", "the fees service please"], [RESTART]),
        (["restart", "lending or fees"], []),
        (["restart", "is fees slow?"], []),
        (["scale up fees", "5"], [SCALE]),
        (["scale up fees", "make it five replicas"], [SCALE]),
        (["add two replicas to fees", "5 replicas please"], [SCALE]),
        (["maybe scale fees to 3", "make it 5 instead"], []),
        (["maybe scale fees to 3", "make it 5 instead", "yes"], [SCALE]),
        (["maybe scale fees to 3", "no, make it 5", "yes, ben agreed"], [SCALE]),
        (["maybe scale fees to 3", "nah"], []),
        (["maybe scale fees to 3", "yes but only tonight"], []),
        (["maybe restart fees", "yeah go for it"], [RESTART]),
        (["maybe restart fees", "ok restart it"], [RESTART]),
        (["maybe restart fees", "thanks", "yes"], []),
        (["fees needs a restart"], []),
        (["fees needs a restart", "please do"], [RESTART]),
        (["restart fees for an hour"], []),
        (["restart fees in staging"], []),
    ],
)
async def test_orders_of_several_messages(
    talk: Conversation, door: WrittenDoor, said: list[str], placed: list[Any]
) -> None:
    for text in said:
        await talk.say("t", text, ANA, NOW)
    assert door.placed == placed


async def test_another_value_for_what_is_placed_is_one_more_and_asked_about(
    talk: Conversation, door: WrittenDoor
) -> None:
    await talk.say("t", "scale fees to 3", ANA, NOW)
    asked = await talk.say("t", "make it 5 instead", ANA, NOW)
    assert asked.kind == "question"
    assert "one more beside it" in asked.text
    assert [parameters["replicas"] for _, _, parameters, _ in door.placed] == ["3"]
    await talk.say("t", "make it 6", BEN, NOW)  # it is not his wish
    assert len(door.placed) == 1


async def test_what_another_person_began_is_not_gone_on_with(
    talk: Conversation, door: WrittenDoor
) -> None:
    await talk.say("t", "restart", ANA, NOW)
    await talk.say("t", "fees", BEN, NOW)
    assert door.placed == []


async def test_an_incident_is_handed_to_somebody_who_is_there(
    talk: Conversation, door: WrittenDoor
) -> None:
    asked = await talk.say("t", "hand INC-7 over to Ben, my shift ends", ANA, NOW)
    assert asked.kind == "question"
    assert "no further repair" in asked.text
    assert door.placed == []
    assert "ben" in (await talk.say("t", "yes", ANA, NOW)).text
    assert door.placed == [("hand_over", "INC-7", {"to": "ben"}, "ana")]
    stranger = await talk.say("t", "hand INC-7 over to bem", ANA, NOW)
    assert stranger.kind == "refused"
    assert "did you mean ben" in stranger.text
    assert (await talk.say("t", "assign INC-7 to ben", VIC, NOW)).kind == "refused"
    team = await talk.say("t", "pass INC-7 on to the owner", ANA, NOW)
    assert "goes to loans" in team.text
    assert len(door.placed) == 1


async def test_that_it_was_not_the_cause_is_feedback_of_those_who_may_give_it(
    talk: Conversation, door: WrittenDoor
) -> None:
    await talk.say("t", "tell me about INC-7", ANA, NOW)
    kept = await talk.say("t", "that's not the cause", ANA, NOW)
    assert kept.kind == "answer"
    assert "INC-7 was not fees" in kept.text
    assert (await talk.say("t", "lending is not the cause of INC-7", ANA, NOW)).kind == "refused"
    assert (await talk.say("t", "fees is not the culprit", VIC, NOW)).kind == "refused"
    assert (await talk.say("t", "I doubt it's fees", ANA, NOW)).kind == "question"
    for question in ("is fees not the cause?", "why is it not the cause?"):
        assert "Noted" not in (await talk.say("t", question, ANA, NOW)).text
    assert door.placed == []


async def test_one_environment_is_paused_and_resumed(
    talk: Conversation, door: WrittenDoor, services: dict[type, Any]
) -> None:
    there = await talk.say("t", "resume staging", ANA, NOW)
    assert there.kind == "refused"
    await services[Store].pause("staging", "ben", "drill")
    assert (await talk.say("t", "drill is over, resume staging", ANA, NOW)).kind == "question"
    await talk.say("t", "yes", ANA, NOW)
    assert door.placed == [("resume", "staging", {}, "ana")]
    assert (await talk.say("t", "pause production", ANA, NOW)).kind == "refused"  # not ours
