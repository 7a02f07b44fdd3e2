"""Posting to Teams once: it has no idempotency key, so a post of unknown fate is looked for in Graph."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import structlog

from chimera.bots.delivery import Delivery
from chimera.bots.teams_api import TeamsApi, path
from chimera.bots.teams_elements import ADAPTIVE, Card
from chimera.bots.threads import Place
from chimera.domain import Refused, Unavailable
from chimera.platform.settings import Teams

PAGES = 4  # of 50 messages: how far a lost post is looked for
log = structlog.get_logger()


class Posts:
    """Cards, each with a kind and a mark as the id of its first element: what finds it again.

    Before a post it is written down that it begins, after it where it is. A post that began and
    was not seen to end is looked for before it is sent again. Only a team's channels can be read:
    elsewhere, and without the right to read, it is sent again, for twice is better than never.
    """

    def __init__(self, section: Teams, delivery: Delivery) -> None:
        self._section = section
        self._teams = TeamsApi(section)
        self._delivery = delivery

    async def post(
        self, kind: str, mark: str, text: str, card: Card, thread: Place | None
    ) -> Place:
        """Post one card once; (conversation, activity). Raises Unavailable, Refused."""
        if posted := await self.posted(kind, mark):
            return posted
        begun = await self._delivery.get(f"begun:{kind}:{mark}")
        place = await self._find(kind, mark, thread) if begun else None
        if place is None:
            await self._delivery.put(f"begun:{kind}:{mark}", "yes")
            message = activity(text, marked(card, f"{kind}:{mark}"))
            try:
                place = await self._send(message, thread)
            except Unavailable:
                place = await self._find(kind, mark, thread)
                if place is None:
                    raise
        await self._delivery.put(f"mark:{'/'.join(place)}", f"{kind}:{mark}")
        await self._delivery.put(f"posted:{kind}:{mark}", "/".join(place))
        return place

    async def _send(self, message: dict[str, Any], thread: Place | None) -> Place:
        if thread is None:
            channel = self._section.channel
            answer = await self._teams.call(
                "connector",
                "POST",
                "v3/conversations",
                {
                    "isGroup": True,
                    "bot": {"id": f"28:{self._section.app_id}"},
                    "tenantId": self._section.tenant,
                    "channelData": {"channel": {"id": channel}},
                    "activity": message,
                },
            )
            return channel, named(answer, "activityId")
        conversation = f"{thread[0]};messageid={thread[1]}" if thread[1] else thread[0]
        where = path("v3", "conversations", conversation, "activities")
        return thread[0], named(await self._teams.call("connector", "POST", where, message), "id")

    async def posted(self, kind: str, mark: str) -> Place | None:
        """Where a card is that was posted before."""
        posted = await self._delivery.get(f"posted:{kind}:{mark}")
        conversation, _, at = (posted or "").rpartition("/")
        return (conversation, at) if posted else None

    async def _find(self, kind: str, mark: str, thread: Place | None) -> Place | None:
        """Look for a card by its mark, in the thread or among the channel's last heads."""
        channel, root = thread or (self._section.channel, "")
        if not in_team(channel):
            return None
        try:
            async for message in self._messages(channel, root):
                if f"{kind}:{mark}" in marks(message):
                    return channel, str(message["id"])
        except Refused as error:
            log.warning("teams_channel_not_read", why=str(error))
        return None

    async def _messages(self, channel: str, root: str) -> AsyncIterator[dict[str, Any]]:
        where = path("teams", self._section.team, "channels", channel, "messages")
        where = f"{where}/{path(root)}/replies" if root else where
        query = "?$top=50"
        for _ in range(PAGES):
            page = await self._teams.call("graph", "GET", where + query)
            for message in page.get("value") or ():
                yield message
            _, _, token = str(page.get("@odata.nextLink") or "").partition("$skiptoken=")
            if not token:
                return
            query = f"?$top=50&$skiptoken={token}"

    async def edit(self, place: Place, text: str, card: Card) -> None:
        """Put another card in its place; it is still found by its mark."""
        mark = await self._delivery.get(f"mark:{'/'.join(place)}") or ""
        where = path("v3", "conversations", place[0], "activities", place[1])
        message = {**activity(text, marked(card, mark)), "id": place[1]}
        await self._teams.call("connector", "PUT", where, message)

    async def typing(self, place: Place) -> None:
        """The sign that somebody writes: Teams shows it in chats, in channels it does not."""
        if not in_team(place[0]):
            where = path("v3", "conversations", place[0], "activities")
            await self._teams.call("connector", "POST", where, {"type": "typing"})

    def held(self) -> float:
        """Seconds for which Teams takes no more."""
        return self._teams.waits("connector")

    async def link(self, place: Place) -> str | None:
        """Where people open the message."""
        channel, at = place
        whose = f"tenantId={quote(self._section.tenant)}&groupId={quote(self._section.team)}"
        return f"{self._section.web_url.rstrip('/')}/l/message/{path(channel, at)}?{whose}"


def in_team(conversation: str) -> bool:
    """Whether it is a channel of a team; otherwise it is a personal or a group chat."""
    return conversation.endswith(("@thread.tacv2", "@thread.skype"))


def activity(text: str, card: Card) -> dict[str, Any]:
    """A message that is one card; its summary is what a notification shows."""
    attachment = {"contentType": ADAPTIVE, "content": card}
    return {"type": "message", "summary": text, "attachments": [attachment]}


def marked(card: Card, mark: str) -> Card:
    first, *rest = card["body"]
    return {**card, "body": [{**first, "id": mark}, *rest]} if mark else card


def marks(message: dict[str, Any]) -> list[str]:
    """The marks of a message's cards, as Graph shows them: a card is JSON within JSON."""
    found = []
    for attachment in message.get("attachments") or ():
        if attachment.get("contentType") != ADAPTIVE:
            continue
        try:
            body = json.loads(attachment["content"])["body"]
            found.append(str(body[0].get("id", "")))
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            continue
    return found


def named(answer: dict[str, Any], key: str) -> str:
    if not isinstance(answer.get(key), str):
        raise Unavailable("Teams", "name what was posted", "an answer that is not its API's")
    return str(answer[key])
