"""Posting to Slack once: it has no idempotency key, so a post of unknown fate is looked for."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any

from chimera.bots.delivery import Delivery
from chimera.bots.slack_api import SlackApi
from chimera.bots.slack_blocks import Block
from chimera.domain import Refused, Unavailable
from chimera.platform.settings import Slack

CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{8,}")
PAGES = 5  # of 200 messages: how far a lost post is looked for
CLOCKS_APART = 300.0  # seconds by which Slack's clock and ours may differ

Place = tuple[str, str]  # channel id, ts; as a thread, without ts: the channel itself


class Posts:
    """Messages, each with a kind and a mark as its metadata: what finds it again.

    Before a post it is written down that it begins, after it where it is. A post that began and
    was not seen to end is looked for before it is sent again.
    """

    def __init__(self, section: Slack, delivery: Delivery) -> None:
        self._channel = section.channel
        self._slack = SlackApi(section)
        self._delivery = delivery

    async def post(
        self,
        kind: str,
        mark: str,
        text: str,
        blocks: list[Block],
        thread: Place | None,
    ) -> Place:
        """Post one message once; (channel, ts)."""
        if posted := await self.posted(kind, mark):
            return posted
        begun = await self._delivery.get(f"begun:{kind}:{mark}")
        place = await self._find(kind, mark, float(begun), thread) if begun else None
        if place is None:
            began = time.time()
            await self._delivery.put(f"begun:{kind}:{mark}", begun or str(began))
            try:
                answer = await self._slack.call(
                    "chat.postMessage",
                    channel=thread[0] if thread else self._channel,
                    thread_ts=(thread[1] or None) if thread else None,
                    text=text,
                    blocks=blocks,
                    metadata={"event_type": kind, "event_payload": {"id": mark}},
                    unfurl_links=False,
                    unfurl_media=False,
                )
                place = str(answer["channel"]), str(answer["ts"])
            except Unavailable:
                place = await self._find(kind, mark, began, thread)
                if place is None:
                    raise
        await self._delivery.put(f"posted:{kind}:{mark}", "/".join(place))
        return place

    async def posted(self, kind: str, mark: str) -> Place | None:
        """Where a message is that was posted before."""
        posted = await self._delivery.get(f"posted:{kind}:{mark}")
        channel, _, ts = (posted or "").partition("/")
        return (channel, ts) if posted else None

    async def _find(self, kind: str, mark: str, since: float, thread: Place | None) -> Place | None:
        """Look for a message by its metadata, in the thread or among the channel's last heads."""
        async for channel, message in self.messages(since, thread):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == kind and payload.get("id") == mark:
                return channel, str(message["ts"])
        return None

    async def messages(
        self, since: float, thread: Place | None
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """The channel and each message of a thread, or of the channel's last heads."""
        method = "conversations.replies" if thread and thread[1] else "conversations.history"
        channel = thread[0] if thread else await self._channel_id()
        cursor: str | None = None
        for _ in range(PAGES):
            page = await self._slack.call(
                method,
                channel=channel,
                ts=(thread[1] or None) if thread else None,
                oldest=f"{since - CLOCKS_APART:.6f}",
                include_all_metadata=True,
                limit=200,
                cursor=cursor,
            )
            for message in page.get("messages", []):
                yield channel, message
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break

    async def _channel_id(self) -> str:
        """The configured channel's id; reading methods take no names."""
        given = self._channel
        if CHANNEL_ID.fullmatch(given):
            return given
        if known := await self._delivery.get(f"channel:{given}"):
            return known
        cursor: str | None = None
        while True:
            page = await self._slack.call(
                "conversations.list", exclude_archived=True, limit=200, cursor=cursor
            )
            for channel in page.get("channels", []):
                if channel.get("name") == given.removeprefix("#"):
                    await self._delivery.put(f"channel:{given}", channel["id"])
                    return str(channel["id"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                raise Refused(
                    f"Slack has no channel {given!r} that Chimera's bot can see; "
                    "invite the bot, or set slack.channel to the channel's id"
                )

    async def typing(self, place: Place) -> None:
        """Slack has no such sign for apps."""

    def held(self) -> float:
        """Seconds for which Slack takes no more edits."""
        return self._slack.waits("chat.update")

    async def edit(self, place: Place, text: str, blocks: list[Block]) -> None:
        channel, ts = place
        await self._slack.call("chat.update", channel=channel, ts=ts, text=text, blocks=blocks)

    async def link(self, place: Place) -> str | None:
        """The thread's link; a thread without one is still a thread."""
        channel, ts = place
        key = f"link:{channel}/{ts}"
        if known := await self._delivery.get(key):
            return known
        try:
            answer = await self._slack.call("chat.getPermalink", channel=channel, message_ts=ts)
        except (Unavailable, Refused):
            return None
        link = str(answer["permalink"])
        await self._delivery.put(key, link)
        return link
