"""Tell Slack: one thread an incident, its head kept up to date, approvals with buttons."""

from __future__ import annotations

from typing import ClassVar, Self

from chimera.bots import slack_blocks
from chimera.bots.delivery import Delivery
from chimera.bots.slack_files import Files
from chimera.bots.slack_posts import Posts
from chimera.bots.threads import HEAD, Threads
from chimera.domain import Notice, Picture, Unavailable
from chimera.platform.settings import Settings, Slack
from chimera.platform.store.notes import Notes


class SlackChannel(Threads):
    """Notices in Slack, with pictures."""

    name: ClassVar[str] = "slack"

    def __init__(self, section: Slack, notes: Notes) -> None:
        delivery = Delivery(self.name, notes)
        posts = Posts(section, delivery)
        super().__init__(delivery, posts, slack_blocks)
        self._files = Files(section, delivery, posts)

    @classmethod
    def offered(cls, settings: Settings, notes: Notes) -> Self | None:
        return cls(settings.slack, notes) if settings.slack else None

    async def show(self, notice: Notice, picture: Picture) -> None:
        """Upload a picture to the incident's thread, once. Raises Unavailable, Refused."""
        async with self._delivery.alone(f"{notice.incident}/pictures"):  # words do not wait for it
            if await self._delivery.get(f"sent:{notice.id}"):
                return
            correlation = await self._delivery.correlation(notice.incident)
            thread = await self._posts.posted(HEAD, correlation)
            if thread is None:
                raise Unavailable("Slack", "take a picture", f"{notice.incident} has no thread yet")
            await self._files.share(notice.id, picture, thread)
            await self._delivery.put(f"sent:{notice.id}", "yes")
