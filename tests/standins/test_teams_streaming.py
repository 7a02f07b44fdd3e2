"""An answer that takes its time in Teams: a sign, a draft, edited in measure, that becomes the answer."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from chimera.bots.drafts import LOOKING
from chimera.bots.words import Words
from chimera.platform.governance.outbound import Outbound
from chimera.platform.governance.secrets import Secrets
from tests.standins.author import Author, lines
from tests.standins.teams_office import ALICE, posted, words
from tests.standins.test_teams_talk import Office, office

__all__ = ["office"]
SECRET = "correct-horse-battery-staple"


async def updates(office: Office, count: int) -> list[tuple[datetime, str]]:
    """When a message was edited, and into what."""
    async with asyncio.timeout(60):
        while len(found := await office.served.ledger("teams", "updated")) < count:
            pass
    return [(datetime.fromisoformat(u["at"]), words(u["body"]["message"])) for u in found]


@pytest.mark.parametrize("where", ["personal", ""])
async def test_an_answer_comes_as_it_is_written_in_one_message(office: Office, where: str) -> None:
    author, heard = Author(), Words(Outbound(Secrets([SECRET])))
    async with office.talking(lambda thread: author.of(heard.hearing(thread)), heard):
        await office.say(ALICE, "@Chimera tell me about everything", where=where)
        (draft,) = await posted(office.served, 1)
        assert LOOKING in words(draft)
        typing = await office.served.ledger("teams", "typing")
        assert len(typing) == (1 if where else 0), "Teams shows the sign in chats alone"
        author.words.put_nowait(lines("fees", 12))
        assert "fees number 0" in (await updates(office, 1))[0][1]
        await office.served.misbehave("teams", "429", retry_after=2)
        author.words.put_nowait(f"The key is {SECRET}. " + lines("orders", 60))
        await updates(office, 2)
        author.words.put_nowait("That is all.")
        author.words.put_nowait(None)
        async with asyncio.timeout(60):
            while "That is all." not in (found := await updates(office, 3))[-1][1]:
                pass
        assert len(await posted(office.served, 1)) == 1
        assert LOOKING not in found[-1][1]
        assert all(SECRET not in text for _, text in found[:-1]), "what comes early is guarded too"
        times = [at for at, _ in found]
        assert min(b - a for a, b in pairwise(times)) > timedelta(seconds=1.4)


async def test_a_draft_left_by_a_crash_becomes_the_answer(office: Office) -> None:
    stuck, heard = Author(), Words(Outbound())
    async with office.talking(lambda thread: stuck.of(heard.hearing(thread)), heard):
        asked = await office.say(ALICE, "@Chimera who owns fees?")
        (draft,) = await posted(office.served, 1)
    async with office.talking():
        await office.served.post("/teams/again", id=asked, deliveries=3)
        found = (await updates(office, 1))[-1][1]
        assert "money" in found
        assert LOOKING not in found
        assert [one["id"] for one in await posted(office.served, 1)] == [draft["id"]]
