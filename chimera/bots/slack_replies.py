"""What people in Slack see after they acted: the answer in place of the buttons, a word to them alone."""

from __future__ import annotations

from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from chimera.platform.loopback import is_loopback

log = structlog.get_logger()


async def answered(client: AsyncWebClient, body: dict[str, Any], line: str) -> None:
    """Put the answer where the buttons were, for all to see."""
    container, message = body.get("container") or {}, body.get("message") or {}
    blocks = [block for block in message.get("blocks", []) if block.get("type") != "actions"]
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": line}]})
    try:
        await client.chat_update(
            channel=container["channel_id"],
            ts=container["message_ts"],
            text=message.get("text") or line,
            blocks=blocks,
        )
    except Exception as error:  # the answer is given; the channel edits the message later
        log.warning("slack_approval_not_edited", error=str(error))


async def told(url: str, text: str, blocks: list[dict[str, Any]] | None = None) -> None:
    """Tell the person alone; that Slack does not take it must not undo what was done."""
    webhook = AsyncWebhookClient(url, timeout=10)
    if is_loopback(url):
        webhook.proxy = None
    try:
        await webhook.send(
            text=text, blocks=blocks, response_type="ephemeral", replace_original=False
        )
    except Exception as error:
        log.warning("slack_answer_not_delivered", error=str(error))
