"""Tell Teams: one thread an incident, its card kept up to date, approvals with buttons."""

from __future__ import annotations

from typing import ClassVar, Self

from chimera.bots import teams_cards
from chimera.bots.delivery import Delivery
from chimera.bots.teams_posts import Posts
from chimera.bots.teams_webhook import TeamsWebhook
from chimera.bots.threads import Threads
from chimera.platform.settings import Settings, Teams
from chimera.platform.store.notes import Notes


class TeamsChannel(Threads):
    """Notices in one channel of a team."""

    name: ClassVar[str] = "teams"

    def __init__(self, section: Teams, notes: Notes) -> None:
        delivery = Delivery(self.name, notes)
        super().__init__(delivery, Posts(section, delivery), teams_cards)

    @classmethod
    def offered(cls, settings: Settings, notes: Notes) -> Self | TeamsWebhook | None:
        """With a webhook alone, one that only tells."""
        section = settings.teams
        if section is not None and section.webhook is not None:
            return TeamsWebhook(cls.name, section.webhook, notes)
        return cls(section, notes) if section else None
