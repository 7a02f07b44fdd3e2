"""An answer that takes its time in Slack: a draft, edited in measure, that becomes the answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chimera.agents.chat.shape import Chart, Reply
from chimera.bots.drafts import LOOKING
from chimera.bots.slack_api import SlackApi
from chimera.bots.slack_talk import SlackTalk
from chimera.bots.words import Words
from chimera.domain import Refused, Unavailable
from chimera.flows.conversation import Conversation
from chimera.platform.governance.outbound import Outbound
from chimera.platform.governance.secrets import Secrets
from chimera.platform.orchestration.talk import Heard
from tests.standins.author import Author, lines
from tests.standins.serving import MemoryNotes, StandIns, standins
from tests.standins.test_slack_talk import ALICE, AT, PEOPLE, Office, office

__all__ = ["office"]
SECRET = "correct-horse-battery-staple"


async def updates(office: Office, count: int) -> list[tuple[datetime, str]]:
    """When a message was edited, and into what."""
    async with asyncio.timeout(60):
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found = await office.served.ledger("slack", "updated")
    return [(datetime.fromisoformat(u["at"]), str(u["body"]["message"]["blocks"])) for u in found]


async def test_an_answer_comes_as_it_is_written_in_one_message(office: Office) -> None:
    author, words = Author(), Words(Outbound(Secrets([SECRET])))
    async with office.talking(lambda thread: author.of(words.hearing(thread)), words):
        await office.say(ALICE, f"{AT} tell me about everything")
        (draft,) = await office.posted(1)
        assert draft["text"] == LOOKING
        await office.served.misbehave("slack", "429", retry_after=2)
        began = datetime.now(UTC)
        author.words.put_nowait(lines("fees", 12))
        at, first = (await updates(office, 1))[0]
        assert "fees number 0" in first
        assert at - began > timedelta(seconds=1.9), "as long as Slack has asked for"
        author.words.put_nowait(f"The key is {SECRET}. " + lines("orders", 100))
        await updates(office, 2)
        author.words.put_nowait("That is all.")
        author.words.put_nowait(None)
        while "That is all." not in (found := await updates(office, 3))[-1][1]:
            pass
        assert len(await office.posted(1)) == 1
        assert found[-1][1].count("number") == 112, "the whole of it"
        assert all(SECRET not in text for _, text in found[:-1]), "what comes early is guarded too"
        times = [at for at, _ in found]
        assert min(b - a for a, b in pairwise(times)) > timedelta(seconds=0.95)


async def test_a_draft_left_by_a_crash_becomes_the_answer(office: Office) -> None:
    stuck, words = Author(), Words(Outbound())
    async with office.talking(lambda thread: stuck.of(words.hearing(thread)), words):
        await office.say(ALICE, f"{AT} who owns fees?")
        (draft,) = await office.posted(1)
    async with office.talking():
        found = (await updates(office, 1))[-1][1]
        assert "money" in found
        assert LOOKING not in found
        await office.say(ALICE, "help", channel="D0ALICE001")
        assert (await office.posted(2))[0]["ts"] == draft["ts"]


async def test_a_chart_is_a_picture_with_its_figures_in_words_sent_once(tmp_path: Path) -> None:
    until = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    chart = Chart(
        title="p99 of payments",
        unit="s",
        values=(0.1, 0.2, None, 0.9, 0.3),
        since=until - timedelta(hours=1),
        until=until,
    )
    reply = Reply(text="p99 of payments: highest 0.9 s.", charts=(chart,))
    async with standins(tmp_path) as served:
        for place in ("C0INCIDENT", "D0ALICE001"):
            notes = MemoryNotes()
            heard = Heard(
                id=f"slack-{place}", kind="message", text="?", team="T", user=ALICE, place=place
            )
            for _ in range(2):  # another process, the same notes
                await talk(served, notes).say(heard, reply)
        shared = [line["body"]["message"] for line in await served.ledger("slack", "shared")]
        assert len(shared) == 2
        (file,) = shared[0]["files"]
        assert file["alt_txt"] == (
            "p99 of payments, 11:00 to 12:00 UTC: least 0.1 s, most 0.9 s, last 0.3 s"
        )
        async with served.session.get(file["url_private"]) as picture:
            assert (await picture.read()).startswith(b"\x89PNG")


def talk(served: StandIns, notes: MemoryNotes) -> SlackTalk:
    section = served.settings().slack
    assert section
    return SlackTalk(section, notes, PEOPLE.by_slack, Conversation({}))


async def test_nobody_is_followed_to_another_host(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        section = served.settings().slack
        assert section

        async def elsewhere(request: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(f"{served.url}/slack/api/chat.postMessage")

        app = web.Application()
        app.add_routes([web.post("/api/{method}", elsewhere)])
        async with TestServer(app) as server:
            away = section.model_copy(update={"api_url": str(server.make_url("/api/"))})
            with pytest.raises(Unavailable, match="redirect"):
                await SlackApi(away).call("chat.postMessage", channel="C0INCIDENT", text="secret")
        with pytest.raises(Refused, match=r"evil\.example"):
            await SlackApi(section).upload("http://evil.example/upload", b"picture")
        assert await served.ledger("slack", "posted") == []
