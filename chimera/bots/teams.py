"""Tell Teams: one thread an incident, its card kept up to date, approvals with buttons, pictures."""

from __future__ import annotations

from typing import ClassVar, Self

from chimera.bots import teams_cards
from chimera.bots.delivery import Delivery
from chimera.bots.teams_elements import TITLE, card, cut, text
from chimera.bots.teams_pictures import PictureLinks
from chimera.bots.teams_posts import Posts
from chimera.bots.teams_webhook import TeamsWebhook
from chimera.bots.threads import HEAD, STEP, Threads
from chimera.domain import Notice, Picture, Unavailable
from chimera.platform.settings import Settings, Teams
from chimera.platform.store.notes import Notes

NO_PICTURES = (
    "This incident's pictures are on Chimera's own page. They are not shown here: api.public_url is "
    "not set, so Teams could fetch none."
)


class TeamsChannel(Threads):
    """Notices in one channel of a team."""

    name: ClassVar[str] = "teams"

    def __init__(self, section: Teams, notes: Notes, pictures: PictureLinks | None = None) -> None:
        delivery = Delivery(self.name, notes)
        super().__init__(delivery, Posts(section, delivery), teams_cards)
        self._pictures = pictures

    @classmethod
    def offered(cls, settings: Settings, notes: Notes) -> Self | TeamsWebhook | None:
        """With a webhook alone, one that only tells."""
        section = settings.teams
        if section is not None and section.webhook is not None:
            return TeamsWebhook(cls.name, section.webhook, notes)
        return cls(section, notes, PictureLinks.of(settings)) if section else None

    async def show(self, notice: Notice, picture: Picture) -> None:
        """Post a picture to the incident's thread, once; where Teams could not fetch it, say so, once
        an incident. Raises Unavailable, Refused."""
        async with self._delivery.alone(f"{notice.incident}/pictures"):  # words do not wait for it
            mark, body = notice.id, [text(picture.title)]
            if self._pictures and notice.picture:
                body.append(
                    self._pictures.of_incident(notice.incident, notice.picture, picture.title)
                )
            else:
                mark, body = f"{notice.incident}/pictures", [text(NO_PICTURES, isSubtle=True)]
            thread = await self._posts.posted(
                HEAD, await self._delivery.correlation(notice.incident)
            )
            if thread is None:
                raise Unavailable("Teams", "take a picture", f"{notice.incident} has no thread yet")
            await self._posts.post(STEP, mark, cut(picture.title, TITLE), card(body), thread)
