"""Slack's stand-in, asked with Slack's own SDK: it refuses what Slack refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.standins.serving import SECRETS, StandIns, standins


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[StandIns]:
    async with standins(tmp_path) as running:
        yield running


def sdk(served: StandIns, token: str | None = SECRETS.slack_token) -> AsyncWebClient:
    return AsyncWebClient(token, base_url=f"{served.url}/slack/api/", retry_handlers=[])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_a_thread_is_posted_read_edited_and_linked(served: StandIns) -> None:
    slack = sdk(served)
    assert (await slack.auth_test())["team_id"] == SECRETS.slack_team
    mark = {"event_type": "x", "event_payload": {"id": "1"}}
    head = await slack.chat_postMessage(channel="#incidents", text="head", metadata=mark)
    channel, ts = head["channel"], head["ts"]
    for number in range(3):
        await slack.chat_postMessage(channel=channel, text=f"step {number}", thread_ts=ts)
    await slack.chat_update(channel=channel, ts=ts, text="head", blocks=[section("*new*")])
    first = await slack.conversations_replies(channel=channel, ts=ts, limit=3)
    rest = await slack.conversations_replies(
        channel=channel, ts=ts, limit=3, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [m["text"] for m in [*first["messages"], *rest["messages"]]] == [
        *("head", "step 0", "step 1", "step 2")
    ]
    history = await slack.conversations_history(channel=channel, include_all_metadata=True)
    assert [m["metadata"] for m in history["messages"]] == [mark]
    link = (await slack.chat_getPermalink(channel=channel, message_ts=ts))["permalink"]
    page = await served.page("slack")
    assert f'id="{link.partition("#")[2]}"' in page
    assert "<b>new</b>" in page


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C0NOTHERE1", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#incidents"}, "no_text"),
        ("chat.postMessage", {"channel": "#incidents", "text": "x" * 40_001}, "msg_too_long"),
        (
            "chat.postMessage",
            {"channel": "#incidents", "text": "x", "thread_ts": "1.0"},
            "thread_not_found",
        ),
        (
            "chat.postMessage",
            {"channel": "#incidents", "blocks": [section("x")] * 51},
            "invalid_blocks",
        ),
        (
            "chat.postMessage",
            {"channel": "#incidents", "blocks": [section("x" * 3001)]},
            "invalid_blocks",
        ),
        ("chat.update", {"channel": "#incidents", "ts": "1.0", "text": "x"}, "channel_not_found"),
        ("chat.update", {"channel": "C0INCIDENT", "ts": "1.0", "text": "x"}, "message_not_found"),
        ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
        ("chat.nothing", {}, "unknown_method"),
    ],
)
async def test_what_slack_refuses_is_refused(
    served: StandIns, method: str, arguments: dict[str, Any], error: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        await sdk(served).api_call(method, json=arguments)
    assert refused.value.response["error"] == error


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), ("xoxb-no", "invalid_auth")])
async def test_without_the_token_nothing_is_read(
    served: StandIns, token: str | None, error: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        await sdk(served, token).conversations_list()
    assert refused.value.response["error"] == error


async def test_too_many_calls_a_second_are_told_when_to_come_back(tmp_path: Path) -> None:
    async with standins(tmp_path, calls_per_second=3) as slow:
        slack = sdk(slow)
        for _ in range(3):
            await slack.auth_test()
        with pytest.raises(SlackApiError) as refused:
            await slack.auth_test()
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"] == "1"


async def test_another_sites_page_cannot_press_a_button(served: StandIns) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        async with served.session.post(f"{served.url}/slack/press", headers=headers) as reply:
            assert reply.status == 403


async def test_the_pager_takes_only_alertmanagers_messages(served: StandIns) -> None:
    url = f"{served.url}/page/webhook"
    auth = {"Authorization": f"Bearer {SECRETS.page_token}"}
    for headers, body, status in [({}, {}, 401), (auth, {}, 400), (auth, {"version": "4"}, 400)]:
        async with served.session.post(url, json=body, headers=headers) as reply:
            assert reply.status == status
