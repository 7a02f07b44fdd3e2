"""Tell Teams through a plain webhook: cards one after another, no threads, nobody answers."""

from __future__ import annotations

import asyncio
from typing import Any

import requests

from chimera.bots import teams_cards
from chimera.bots.delivery import Delivery
from chimera.bots.teams_posts import activity
from chimera.domain import Misconfigured, Notice, Refused, Unavailable
from chimera.platform.loopback import is_loopback
from chimera.platform.settings import Secret
from chimera.platform.store.notes import Notes

TIMEOUT = 10.0  # seconds


class TeamsWebhook:
    """Every notice as a card. A webhook names nothing that it took: one whose answer was lost comes
    again, for twice is better than never."""

    def __init__(self, name: str, webhook: Secret, notes: Notes) -> None:
        try:
            import pymsteams
        except ImportError as error:
            raise Misconfigured(
                f"Teams needs a package that is not there ({error}); install chimera-aiops[teams]"
            ) from error
        self.name = name
        self._teams = pymsteams
        self._webhook = webhook
        self._delivery = Delivery(name, notes)

    async def send(self, notice: Notice) -> str | None:
        """Raises Unavailable, Refused."""
        async with self._delivery.alone(notice.incident):
            if not await self._delivery.get(f"sent:{notice.id}"):
                titled = notice.model_copy(update={"title": f"{notice.incident}: {notice.title}"})
                plain = notice.model_copy(update={"signal": "", "cause": ""})  # nobody can press
                draw = (
                    teams_cards.head(plain)
                    if notice.kind == "opened"
                    else teams_cards.reply(titled)
                )
                await asyncio.to_thread(self._post, activity(*draw))
                await self._delivery.put(f"sent:{notice.id}", "yes")
        return None

    def _post(self, message: dict[str, Any]) -> None:
        url = self._webhook.reveal()
        posting = self._teams.connectorcard(url, http_timeout=TIMEOUT)
        if is_loopback(url):
            posting.proxies = {"no_proxy": "*"}
        posting.payload = message
        try:
            posting.send()
        except requests.exceptions.InvalidURL as error:
            raise Refused(
                "teams.webhook is not an address; correct the secret behind it"
            ) from error
        except requests.RequestException as error:
            # Its text would hold the address, which is a secret.
            raise Unavailable("Teams", "take a card", type(error).__name__) from error
        except self._teams.TeamsWebhookException as error:
            status = posting.last_http_response.status_code
            if status in (408, 429) or status >= 500:
                raise Unavailable("Teams", "take a card", f"HTTP {status}") from error
            raise Refused(
                f"Teams' webhook refused a card: HTTP {status} {str(error)[:200]}; check the secret "
                "behind teams.webhook, or make the workflow anew"
            ) from error
