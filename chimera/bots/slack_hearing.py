"""What people say to Chimera in Slack: mentions, direct messages, replies in threads it talks in.

Each is written down before Slack is told that it arrived: if that fails, Slack delivers it again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from chimera.bots.delivery import Delivery
from chimera.bots.talk import followed
from chimera.platform.orchestration.talk import Hear, Heard

MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
ENTITY = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
CONFIRM, CANCEL = "chimera_confirm", "chimera_cancel"
log = structlog.get_logger()


def listen(app: AsyncApp, hear: Hear, delivery: Delivery) -> None:
    """Have the app pass on what is said to Chimera."""

    async def written_down(body: dict[str, Any], next: Callable[[], Awaitable[None]]) -> None:
        """Before Bolt acknowledges: an event's listener runs after."""
        heard = spoken(body)
        if heard is not None and (is_direct(body) or await followed(heard, delivery)):
            await hear(heard)
        await next()

    async def seen(body: dict[str, Any]) -> None:
        log.debug("slack_event", event_id=body.get("event_id"))

    for event in ("app_mention", "message"):
        app.event(event, middleware=[written_down])(seen)


def spoken(body: dict[str, Any]) -> Heard | None:
    """What a person has written to Chimera; None for bots, edits, and talk with somebody else.

    The message's place and time are its name: a mention comes as two events.
    """
    event = body["event"]
    if event.get("bot_id") or event.get("subtype") or not event.get("user"):
        return None
    text, own = str(event.get("text", "")), bots_of(body)
    private = event.get("channel_type") == "im"
    first = MENTION.match(text.strip())
    if event["type"] == "message" and not private:
        if own & set(MENTION.findall(text)):
            return None  # comes as app_mention
        if first is not None:
            return None  # people talk with each other
    place, ts = str(event["channel"]), str(event["ts"])
    thread = str(event.get("thread_ts") or ("" if private else ts))
    return Heard(
        id=f"slack-{place}-{ts}",
        kind="message",
        text=plain(text, own),
        team=str(event.get("user_team") or event.get("team") or body.get("team_id", "")),
        user=str(event["user"]),
        place=place,
        thread=thread,
    )


def is_direct(body: dict[str, Any]) -> bool:
    event = body["event"]
    return bool(event["type"] == "app_mention" or event.get("channel_type") == "im")


def command_of(body: dict[str, Any]) -> Heard:
    """A question written after `/chimera`."""
    return Heard(
        id=f"slack-{body['trigger_id']}",
        kind="command",
        text=plain(str(body.get("text", "")), set()),
        team=str(body.get("team_id", "")),
        user=str(body.get("user_id", "")),
        place=str(body.get("channel_id", "")),
        reply_to=str(body["response_url"]),
    )


def press_of(body: dict[str, Any], team: str, user: str) -> Heard:
    """A button under a question: a yes or a no to exactly that question."""
    container, action = body.get("container") or {}, body["actions"][0]
    return Heard(
        id=f"slack-{body['trigger_id']}",
        kind="press",
        text="yes" if action["action_id"] == CONFIRM else "no",
        team=team,
        user=user,
        place=str(container.get("channel_id", "")),
        thread=str(container.get("thread_ts") or ""),
        asked=str(action.get("value", "")),
        button=str(container.get("message_ts", "")),
        shown=str((body.get("message") or {}).get("text", "")),
        reply_to=str(body["response_url"]),
    )


def bots_of(body: dict[str, Any]) -> set[str]:
    """Chimera's own user ids in this workspace."""
    return {str(one.get("user_id")) for one in body.get("authorizations") or () if one}


def plain(text: str, own: set[str]) -> str:
    """What the person typed: Slack's own marks undone, the mention of Chimera left out."""
    text = MENTION.sub(lambda m: "" if m[1] in own else f"@{m[1]}", text)
    text = ENTITY.sub(lambda m: m[2] or m[1], text)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text.strip()
