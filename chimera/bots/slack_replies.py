"""What people in Slack see after they acted: the answer in place of the buttons, a word to them alone."""

from __future__ import annotations

from typing import Any

import aiohttp
import structlog

from chimera.bots.slack_api import TIMEOUT, SlackApi
from chimera.domain import ChimeraError
from chimera.platform.governance.links import Links
from chimera.platform.loopback import is_loopback

log = structlog.get_logger()


async def answered(slack: SlackApi, body: dict[str, Any], line: str) -> None:
    """Put the answer where the buttons were, for all to see."""
    container, message = body.get("container") or {}, body.get("message") or {}
    if "message_ts" not in container:
        return  # a button of a Home tab, which is drawn anew
    blocks = [block for block in message.get("blocks", []) if block.get("type") != "actions"]
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": line}]})
    try:
        await slack.call(
            "chat.update",
            channel=container["channel_id"],
            ts=container["message_ts"],
            text=message.get("text") or line,
            blocks=blocks,
        )
    except ChimeraError as error:  # the answer is given; the channel edits the message later
        log.warning("slack_approval_not_edited", error=str(error))


async def told(
    hosts: Links, url: str, text: str, blocks: list[dict[str, Any]] | None = None
) -> None:
    """Tell the person alone; that Slack does not take it must not undo what was done.

    `hosts` are Slack's: nothing is sent to any other, whatever the payload names.
    """
    if not hosts.allowed(url):
        log.error("slack_answer_not_delivered", error="none of Slack's hosts", address=url[:200])
        return
    said: dict[str, Any] = {
        "text": text, "response_type": "ephemeral", "replace_original": False,
    }  # fmt: skip
    if blocks:
        said["blocks"] = blocks
    timeout = aiohttp.ClientTimeout(TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=not is_loopback(url)) as session,
            session.post(url, json=said, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise OSError(f"HTTP {answer.status} {(await answer.text())[:200]}")
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        log.warning("slack_answer_not_delivered", error=f"{type(error).__name__}: {error}")
