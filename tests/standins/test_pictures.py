"""Pictures beside an incident's words: once, later, or not at all; and never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from chimera import bots
from chimera.bots.offered import channels
from chimera.domain import Channel, Notice, Picture, Refused, ShowsPictures, Unavailable
from chimera.domain.discovery import discover
from chimera.sandbox.standins import attachments
from tests.contracts.test_channels import notice
from tests.standins.serving import SECRETS, MemoryNotes, StandIns, standins
from tests.standins.test_servicenow import AUTH, client

SHOWING = sorted(n for n, kind in discover(bots, Channel).items() if hasattr(kind, "show"))
SEEN = {"servicenow": "attached", "slack": "shared", "teams": "posted"}
FETCHED = ("teams",)  # the others take files: tests/standins/test_teams_pictures.py
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
PICTURE = Picture(name="latency-0123456789abcdef.png", title="payments: latency", content=PNG)
WITH_PICTURE = notice("opened").model_copy(
    update={"id": "INC-7-abc-picture", "kind": "picture", "picture": "0123456789abcdef"}
)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[StandIns]:
    async with standins(tmp_path) as running:
        yield running


def showing(served: StandIns, name: str, notes: MemoryNotes) -> Any:
    channel = channels(served.settings(), notes)[name]
    assert isinstance(channel, ShowsPictures)
    return channel


def test_tickets_and_threads_show_pictures() -> None:
    assert set(SHOWING) >= {"servicenow", "slack"}


@pytest.mark.parametrize("name", [name for name in SHOWING if name not in FETCHED])
async def test_a_picture_comes_after_the_words_and_once(served: StandIns, name: str) -> None:
    notes = MemoryNotes()
    with pytest.raises(Unavailable, match=r"no (ticket|thread) yet"):
        await showing(served, name, notes).show(WITH_PICTURE, PICTURE)
    assert await served.ledger(name) == []
    await showing(served, name, notes).send(notice("opened"))
    for _ in range(2):
        await showing(served, name, notes).show(WITH_PICTURE, PICTURE)
    (shown,) = await served.ledger(name, SEEN[name])
    body = shown["body"]
    if name == "slack":
        (file,) = body["message"]["files"]
        assert (file["title"], file["size"]) == (PICTURE.title, len(PNG))
        (head,) = await served.ledger("slack", "posted")
        assert body["message"]["thread_ts"] == head["body"]["message"]["ts"]
        where = file["url_private"]
    else:
        assert (body["file_name"], body["content_type"]) == (PICTURE.name, "image/png")
        where = body["download_link"]
    async with served.session.get(where, headers=AUTH) as reply:
        assert await reply.read() == PNG
    assert "<img" in await served.page(name)


@pytest.mark.parametrize("name", SHOWING)
@pytest.mark.parametrize("mode", ["lost_reply", "429", "500", "garbage"])
@pytest.mark.parametrize("after", range(3))
async def test_whichever_step_fails_it_is_there_once_in_the_end(
    served: StandIns, name: str, mode: str, after: int
) -> None:
    notes = MemoryNotes()
    await showing(served, name, notes).send(notice("opened"))
    await served.misbehave(name, mode, times=3, after=after)
    for _ in range(8):  # as Temporal would, from whichever worker
        try:
            await showing(served, name, notes).show(WITH_PICTURE, PICTURE)
            break
        except Unavailable:
            continue
    else:
        pytest.fail("the picture never came through")
    await served.misbehave(name, "none")
    shown = [line["body"] for line in await served.ledger(name, SEEN[name])]
    assert len([body for body in shown if name not in FETCHED or body["message"]["root"]]) == 1


@pytest.mark.parametrize("name", SHOWING)
async def test_a_picture_that_hangs_holds_up_no_words(served: StandIns, name: str) -> None:
    channel = showing(served, name, MemoryNotes())
    await channel.send(notice("opened"))
    await served.misbehave(name, "hang")
    hanging = asyncio.create_task(channel.show(WITH_PICTURE, PICTURE))
    async with asyncio.timeout(8):  # it hangs for ten seconds
        while await still_to_come(served):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await channel.send(notice("update", 1))
    assert not hanging.done()
    hanging.cancel()


async def still_to_come(served: StandIns) -> dict[str, Any]:
    async with served.session.get(f"{served.url}/misbehave") as reply:
        found: dict[str, Any] = await reply.json()
        return found


async def test_what_servicenow_does_not_take_is_refused_in_its_words(served: StandIns) -> None:
    servicenow = client(served)
    ticket = await servicenow.open("c-1", "s", "d")
    with pytest.raises(Refused, match="HTTP 413"):
        await servicenow.attach(ticket, "a.png", "image/png", bytes(attachments.LARGEST + 1))
    with pytest.raises(Refused, match="extension is not allowed"):
        await servicenow.attach(ticket, "a.exe", "image/png", PNG)
    with pytest.raises(Refused, match="holds"):
        await servicenow.attach(ticket, "a^ORfile_name=b", "image/png", PNG)
    gone = ticket.model_copy(update={"sys_id": "0" * 32})
    with pytest.raises(Refused, match="No Record found"):
        await servicenow.attach(gone, "a.png", "image/png", PNG)
    url = f"{served.url}/api/now/attachment/file"
    async with served.session.post(url, data=PNG, headers=AUTH) as reply:
        body = await reply.json()
        assert (reply.status, body["status"]) == (400, "failure")
        assert "table_name, table_sys_id, file_name" in body["error"]["detail"]
    async with served.session.post(url, data=PNG) as reply:
        assert reply.status == 401


async def test_slacks_own_sdk_uploads_in_one_call(served: StandIns) -> None:
    slack = AsyncWebClient(SECRETS.slack_token, base_url=f"{served.url}/slack/api/")
    head = await slack.chat_postMessage(channel="#incidents", text="head")
    await slack.files_upload_v2(
        content=PNG, filename="a.png", title="A", channel=head["channel"], thread_ts=head["ts"]
    )
    replies = await slack.conversations_replies(channel=head["channel"], ts=head["ts"])
    assert [f["name"] for f in replies["messages"][1]["files"]] == ["a.png"]


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("getUploadURLExternal", {"filename": "a.png"}, "invalid_arguments"),
        ("getUploadURLExternal", {"filename": "a.png", "length": "0"}, "invalid_arguments"),
        ("completeUploadExternal", {"files": "[]"}, "invalid_arguments"),
        ("completeUploadExternal", {"files": "nonsense"}, "invalid_arguments"),
        ("completeUploadExternal", {"files": '[{"id": "F0"}]'}, "file_not_found"),
    ],
)
async def test_slack_refuses_files_that_are_none(
    served: StandIns, method: str, arguments: dict[str, str], error: str
) -> None:
    slack = AsyncWebClient(
        SECRETS.slack_token, base_url=f"{served.url}/slack/api/", retry_handlers=[]
    )
    with pytest.raises(SlackApiError) as caught:
        await slack.api_call(f"files.{method}", params=arguments)
    assert caught.value.response["error"] == error
    with pytest.raises(SlackApiError) as caught:  # as the original, it reads no JSON
        await slack.api_call("files.getUploadURLExternal", json={"filename": "a", "length": 1})
    assert caught.value.response["error"] == "invalid_arguments"


async def test_an_upload_of_another_length_is_not_taken(served: StandIns) -> None:
    slack = AsyncWebClient(SECRETS.slack_token, base_url=f"{served.url}/slack/api/")
    offer = await slack.files_getUploadURLExternal(filename="a.png", length=3)
    async with aiohttp.ClientSession() as session:
        async with session.post(offer["upload_url"], data=b"four") as reply:
            assert reply.status == 400
        async with session.post(offer["upload_url"] + "x", data=b"abc") as reply:
            assert reply.status == 404


def test_a_picture_notice_survives_the_way_through_temporal() -> None:
    assert Notice.model_validate_json(WITH_PICTURE.model_dump_json()) == WITH_PICTURE
