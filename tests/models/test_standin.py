"""The stand-in for a model's server refuses what the original would, in its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.models.serving import server
from tests.standins.serving import SECRETS

USER = {"role": "user", "content": "hello"}
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    ("status", "said", "body"),
    [
        (404, "does not exist", {"model": "gpt-0"}),
        (400, "Unrecognized request argument", {"temprature": 0}),
        (400, "'temperature'", {"temperature": 3}),
        (400, "only allowed when 'stream'", {"stream_options": {"include_usage": True}}),
        (400, "too short", {"messages": []}),
        (400, "must be a response to", {"messages": [USER, {"role": "tool", "tool_call_id": "c"}]}),
        (400, "did not have response messages: c1", {"messages": [USER, CALLING, USER]}),
        (400, "does not match pattern", {"tools": [{"function": {"name": "no good"}}]}),
        (400, "maximum context length", {"messages": [{"role": "user", "content": "x" * 200_000}]}),
        (400, "does not support tools", {"model": "standin-words", "tools": [TOOL]}),
    ],
)
async def test_a_wrong_request_is_refused(
    tmp_path: Path, status: int, said: str, body: dict[str, Any]
) -> None:
    async with server(tmp_path) as there:
        url = f"{there.running.url}/model/v1/chat/completions"
        headers = {"Authorization": f"Bearer {SECRETS.model_key}"}
        given = {"model": "standin", "messages": [USER], **body}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, json=given) as reply,
        ):
            assert reply.status == status
            assert said in (await reply.json())["error"]["message"]
        async with there.running.session.post(url, json=given) as reply:
            assert reply.status == 401


async def test_a_stream_is_events_that_end_with_done(tmp_path: Path) -> None:
    async with server(tmp_path) as there:
        await there.says({"text": "a longer answer than one piece"})
        url = f"{there.running.url}/model/v1/chat/completions"
        headers = {"Authorization": f"Bearer {SECRETS.model_key}"}
        options = {"stream": True, "stream_options": {"include_usage": True}}
        body = {"model": "standin", "messages": [USER], **options}
        async with there.running.session.post(url, json=body, headers=headers) as reply:
            assert reply.content_type == "text/event-stream"
            events = (await reply.text()).split("\n\n")
        assert events[-2:] == ["data: [DONE]", ""]
        assert '"usage"' in events[-3]
        assert all(event.startswith("data: {") for event in events[:-2])
