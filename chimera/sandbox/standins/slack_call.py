"""One call of Slack's Web API: its arguments, a message among them, and a page of an answer."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from chimera.sandbox.standins import block_kit
from chimera.sandbox.standins.workspace import Message, SlackError

Arguments = dict[str, Any]


async def arguments_of(request: web.Request) -> Arguments:
    """A call's arguments: query, form or JSON; objects inside a form are JSON text."""
    arguments: Arguments = dict(request.query)
    if request.content_type == "application/json":
        try:
            sent = json.loads(await request.text() or "{}")
        except ValueError as error:
            raise SlackError("invalid_json") from error
        if not isinstance(sent, dict):
            raise SlackError("json_not_object")
        return arguments | sent
    arguments.update(await request.post())
    for name in ("blocks", "attachments", "metadata", "view"):
        if isinstance(arguments.get(name), str):
            try:
                arguments[name] = json.loads(arguments[name])
            except ValueError as error:
                raise SlackError(f"invalid_{name}_format") from error
    return arguments


def content(arguments: Arguments) -> Message:
    """What a message says, checked against Slack's limits. Raises SlackError."""
    text, blocks = str(arguments.get("text") or ""), arguments.get("blocks")
    if not text and not blocks:
        raise SlackError("no_text")
    if len(text) > block_kit.LONGEST_TEXT:
        raise SlackError("msg_too_long")
    message: Message = {"text": text}
    if blocks is not None:
        if said := block_kit.complaints(blocks):
            raise SlackError("invalid_blocks", response_metadata={"messages": said})
        message["blocks"] = [
            {"block_id": f"b{number}", **block} for number, block in enumerate(blocks)
        ]
    if (metadata := arguments.get("metadata")) is not None:
        fields = metadata if isinstance(metadata, dict) else {}
        if not fields.get("event_type") or not isinstance(fields.get("event_payload"), dict):
            raise SlackError("invalid_metadata_format")
        message["metadata"] = metadata
    return message


def page(messages: list[Message], arguments: Arguments) -> dict[str, Any]:
    """One page of messages; the cursor is where the next begins."""
    try:
        start = int(arguments.get("cursor") or 0)
        limit = min(int(arguments.get("limit") or 100), 999)
    except ValueError as error:
        raise SlackError("invalid_cursor") from error
    shown = [dict(message) for message in messages[start : start + limit]]
    if str(arguments.get("include_all_metadata", "")).lower() not in ("1", "true"):
        for message in shown:
            message.pop("metadata", None)
    more = start + limit < len(messages)
    return {
        "messages": shown,
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }
