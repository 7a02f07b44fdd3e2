"""Sharing a file in a thread once: Slack's three steps, each found again after a lost reply."""

from __future__ import annotations

import json
import time

from chimera.bots.delivery import Delivery
from chimera.bots.slack_api import SlackApi
from chimera.bots.slack_posts import Place, Posts
from chimera.domain import Picture, Refused, Unavailable
from chimera.platform.settings import Slack


class Files:
    """Files by a mark. What was uploaded is written down before it is shared; a share of unknown
    fate is looked for in the thread before it is tried again."""

    def __init__(self, section: Slack, delivery: Delivery, posts: Posts) -> None:
        self._slack = SlackApi(section)
        self._delivery = delivery
        self._posts = posts

    async def share(self, mark: str, picture: Picture, thread: Place) -> None:
        """Show a picture in a thread, or, without one, in the channel. Raises Unavailable, Refused."""
        known = json.loads(await self._delivery.get(f"file:{mark}") or "{}")
        if known and await self._shared(known["id"], known["began"], thread):
            return
        if not known:
            offer = await self._slack.call(
                "files.getUploadURLExternal",
                filename=picture.name,
                length=len(picture.content),
                alt_txt=picture.title[:1000],
            )
            await self._slack.upload(str(offer["upload_url"]), picture.content)
            known = {"id": str(offer["file_id"]), "began": time.time()}
            await self._delivery.put(f"file:{mark}", json.dumps(known))
        try:
            await self._slack.call(
                "files.completeUploadExternal",
                files=json.dumps([{"id": known["id"], "title": picture.title[:250]}]),
                channel_id=thread[0],
                thread_ts=thread[1] or None,
            )
        except Refused as error:
            if "file_not_found" not in str(error):
                raise
            # Its bytes never arrived, or came too late: it is uploaded anew.
            await self._delivery.put(f"file:{mark}", "{}")
            raise Unavailable("Slack", "find what was uploaded", str(error)) from error

    async def _shared(self, file: str, since: float, thread: Place) -> bool:
        async for _, message in self._posts.messages(since, thread):
            if any(one.get("id") == file for one in message.get("files") or ()):
                return True
        return False
