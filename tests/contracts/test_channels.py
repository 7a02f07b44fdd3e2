"""One contract, over every channel there is or will be: told once, whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from chimera import bots
from chimera.bots.offered import channels
from chimera.domain import Channel, Notice, Refused, Unavailable
from chimera.domain.discovery import discover
from tests.standins.serving import MemoryNotes, StandIns, standins

CHANNELS = sorted(discover(bots, Channel))
BEGAN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Kind = Literal["opened", "update", "approval", "outcome", "resolved", "page"]
# What each stand-in's ledger calls a message that people see.
SEEN = {
    "servicenow": ("created", "updated"),
    "slack": ("posted",),
    "teams": ("posted",),
    "page": ("firing", "resolved"),
}


def notice(kind: Kind, number: int = 0, **more: Any) -> Notice:
    """One step of the story of INC-7, a minute after the one before."""
    said: dict[str, Any] = {
        "id": f"INC-7/{kind}/{number}",
        "incident": "INC-7",
        "kind": kind,
        "title": f"{kind} of payments",
        "text": "payments answers slowly <since> release 2.4.1 & its users feel it",
        "phase": "resolved" if kind == "resolved" else "investigating",
        "severity": "page",
        "fields": {"cause": "release 2.4.1 of payments"} if number else {},
        "links": {"query": "http://localhost:9090/graph?g0.expr=up"},
        "at": BEGAN + timedelta(minutes=number),
    }
    if kind == "approval":
        said |= {"order_id": "INC-7/1", "plan_hash": "abc123"}
    if kind == "resolved":
        said |= {"close_code": "Solution provided"}
    return Notice(**said | more)


STORY = [
    notice("opened"),
    notice("update", 1),
    notice("approval", 2),
    notice("outcome", 3, title="roll_back_release worked"),
    notice("page", 4),
    notice("resolved", 5),
]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[StandIns]:
    async with standins(tmp_path) as running:
        yield running


def channel(
    served: StandIns, name: str, notes: MemoryNotes, password: str | None = None
) -> Channel:
    return channels(served.settings(password), notes)[name]


async def seen(served: StandIns, name: str) -> list[dict[str, Any]]:
    return [line for line in await served.ledger(name) if line["event"] in SEEN[name]]


@pytest.mark.parametrize("name", CHANNELS)
async def test_the_same_notice_twice_is_one_message(served: StandIns, name: str) -> None:
    notes = MemoryNotes()
    for step in STORY:
        await channel(served, name, notes).send(step)
    once = await seen(served, name)
    assert once, "the story reaches every channel"
    for step in STORY:
        await channel(served, name, notes).send(step)  # another process, the same notes
    assert await seen(served, name) == once


@pytest.mark.parametrize("name", CHANNELS)
async def test_a_crash_before_it_is_remembered_does_not_tell_twice(
    served: StandIns, name: str
) -> None:
    notes = MemoryNotes()
    for step in STORY[:2]:
        await channel(served, name, notes).send(step)
    once = await seen(served, name)
    # What was written after the answer came is lost with the process.
    lost = ("sent:", "posted:", "ticket:")
    notes.kept = {key: text for key, text in notes.kept.items() if not key[1].startswith(lost)}
    for step in STORY[:2]:
        await channel(served, name, notes).send(step)
    assert await seen(served, name) == once


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("order", ["as it happened", "backwards", "at once"])
async def test_one_incident_and_one_thread_in_whatever_order_notices_come(
    served: StandIns, name: str, order: str
) -> None:
    sender = channel(served, name, MemoryNotes())
    if order == "at once":
        await asyncio.gather(*(sender.send(step) for step in STORY))
    else:
        for step in STORY if order == "as it happened" else reversed(STORY):
            await sender.send(step)
    lines = await served.ledger(name)
    if name == "servicenow":
        assert [line["event"] for line in lines].count("created") == 1
        page = await served.page("servicenow")
        assert "Resolved" in page
        assert "Solution provided" in page
    if name == "slack":
        posted = [line["body"]["message"] for line in lines if line["event"] == "posted"]
        assert len([message for message in posted if "thread_ts" not in message]) == 1
        page = await served.page("slack")
        assert "INC-7: opened of payments" in page
        assert "release 2.4.1 of payments" in page
        assert "<b>resolved</b>" in page
        assert "chimera_approve" not in page, "what was decided has no buttons"
    if name == "teams":
        posted = [line["body"]["message"] for line in lines if line["event"] == "posted"]
        assert len([message for message in posted if not message["root"]]) == 1
        page = await served.page("teams")
        assert "INC-7: opened of payments" in page
        assert "release 2.4.1 of payments" in page
        assert "<b>resolved</b>" in page
        assert "chimera_approve" not in page, "what was decided has no buttons"
    if name == "page":
        firing = [line for line in lines if line["event"] == "firing"]
        over = [line for line in lines if line["event"] == "resolved"]
        assert len(over) == len(firing), "what rang is resolved, what is over does not ring"


@pytest.mark.parametrize("name", CHANNELS)
async def test_a_lost_reply_leaves_one_record(served: StandIns, name: str) -> None:
    notes = MemoryNotes()
    for step in STORY:
        await served.misbehave(name, "lost_reply")
        for _ in range(3):  # as Temporal would
            try:
                await channel(served, name, notes).send(step)
                break
            except Unavailable:
                continue
        else:
            pytest.fail(f"{step.kind} never came through")
    lines = await seen(served, name)
    await served.misbehave(name, "none")
    async with standins(served.folder / "calm") as calm:
        quiet = channel(calm, name, MemoryNotes())
        for step in STORY:
            await quiet.send(step)
        assert [line["event"] for line in lines] == [
            line["event"] for line in await seen(calm, name)
        ]


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (name, mode)
        for name in CHANNELS
        for mode in ("429", "500", "garbage")
        if (name, mode) != ("page", "garbage")  # a pager's answer has no form
    ],
)
async def test_a_service_in_trouble_is_unavailable_and_told_later(
    served: StandIns, name: str, mode: str
) -> None:
    notes = MemoryNotes()
    await served.misbehave(name, mode, times=-1)
    with pytest.raises(Unavailable):
        await channel(served, name, notes).send(STORY[0])
    await served.misbehave(name, "none")
    await channel(served, name, notes).send(STORY[0])
    assert len(await seen(served, name)) == 1


@pytest.mark.parametrize("name", CHANNELS)
async def test_a_wrong_password_is_refused_and_says_what_to_do(served: StandIns, name: str) -> None:
    with pytest.raises(Refused, match=r"check .*(password|token)"):
        await channel(served, name, MemoryNotes(), password="wrong").send(STORY[0])
    assert await seen(served, name) == []


@pytest.mark.parametrize("name", CHANNELS)
async def test_a_service_that_is_not_there_is_unavailable(served: StandIns, name: str) -> None:
    gone = StandIns("http://127.0.0.1:9", served.session, served.folder)
    with pytest.raises(Unavailable):
        await channel(gone, name, MemoryNotes()).send(STORY[0])


@pytest.mark.parametrize("name", CHANNELS)
async def test_long_and_hostile_text_comes_through_as_text(served: StandIns, name: str) -> None:
    hostile = notice(
        "opened",
        title="<!channel> & <script>alert(1)</script> " * 20,
        text="<!channel> *x* `y` ^state=6 </pre><script>alert(2)</script>" * 200,
        fields={f"<@U{number}>": "&<>|" * 900 for number in range(60)},
        links={"a|b>": "http://localhost/" + "x" * 5000, "bad": "javascript:alert(3)"},
    )
    await channel(served, name, MemoryNotes()).send(hostile)
    page = await served.page(name)
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page
    if name == "slack":
        message = (await served.ledger("slack", "posted"))[0]["body"]["message"]
        assert "<!channel>" not in message["text"]
        shown = [block for block in message["blocks"] if block["type"] != "header"]
        assert "<!" not in str(shown)
        assert "<@" not in str(shown)
