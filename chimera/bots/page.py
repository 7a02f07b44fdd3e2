"""Page somebody: Alertmanager's webhook, version 4, which every pager understands."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar, Self

import httpx

from chimera.bots.delivery import Delivery
from chimera.domain import Notice, Refused, Unavailable
from chimera.platform.loopback import is_loopback
from chimera.platform.settings import Page, Settings
from chimera.platform.store.notes import Notes

NEVER = "0001-01-01T00:00:00Z"  # how Alertmanager writes "has not ended"
TIMEOUT = 10.0  # seconds


class PageChannel:
    """What cannot wait: notices of kind `page`, and incidents of severity `page` as they open.

    Each is one alert, known by its fingerprint, so that a second delivery does not ring again.
    When the incident is resolved, all its alerts are. Everything else is not sent.
    """

    name: ClassVar[str] = "page"

    def __init__(self, section: Page, notes: Notes) -> None:
        self._section = section
        self._delivery = Delivery(self.name, notes)

    @classmethod
    def offered(cls, settings: Settings, notes: Notes) -> Self | None:
        return cls(settings.page, notes) if settings.page else None

    async def send(self, notice: Notice) -> str | None:
        """Fire or resolve. Raises Unavailable, Refused."""
        async with self._delivery.alone(notice.incident):
            if await self._delivery.get(f"sent:{notice.id}"):
                return None
            alerts = json.loads(await self._delivery.get(f"alerts:{notice.incident}") or "{}")
            correlation = await self._delivery.correlation(notice.incident)
            if notice.kind == "resolved":
                over = [resolved(alert, notice) for alert in alerts.values()]
                if over:
                    await self._post(notice, correlation, "resolved", over)
                # A page that is retried after this must not ring for what is over.
                await self._delivery.put(f"over:{notice.incident}", notice.id)
            elif rings(notice) and not await self._delivery.get(f"over:{notice.incident}"):
                alert = firing(notice, correlation)
                # Remembered first: if the answer is lost it may have rung, and must be resolved.
                alerts[alert["fingerprint"]] = alert
                await self._delivery.put(f"alerts:{notice.incident}", json.dumps(alerts))
                await self._post(notice, correlation, "firing", [alert])
            await self._delivery.put(f"sent:{notice.id}", "yes")
        return None

    async def _post(
        self, notice: Notice, correlation: str, status: str, alerts: list[dict[str, Any]]
    ) -> None:
        url, token = self._section.url, self._section.token
        headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
        message = {
            "version": "4",
            "groupKey": f'{{}}:{{incident="{correlation}"}}',
            "truncatedAlerts": 0,
            "status": status,
            "receiver": "chimera",
            "groupLabels": {"incident": notice.incident},
            "commonLabels": {"incident": notice.incident, "severity": "page"},
            "commonAnnotations": {},
            "externalURL": next(iter(notice.links.values()), ""),
            "alerts": alerts,
        }
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=not is_loopback(url)) as client:
                answer = await client.post(url, json=message, headers=headers)
        except httpx.InvalidURL as error:
            raise Refused(f"page.url is not an address ({error}); correct it") from error
        except httpx.HTTPError as error:
            said = f"{type(error).__name__}: {error}"
            raise Unavailable("the pager", f"page for {notice.incident}", said) from error
        if answer.status_code in (401, 403):
            raise Refused(
                f"the pager at {url} does not accept Chimera's token (HTTP {answer.status_code}); "
                "check the secret behind page.token"
            )
        if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
            said = f"HTTP {answer.status_code}"
            raise Unavailable("the pager", f"page for {notice.incident}", said)
        if not answer.is_success:
            raise Refused(
                f"the pager at {url} refused the page for {notice.incident}: "
                f"HTTP {answer.status_code} {answer.text[:200]}; check page.url"
            )


def rings(notice: Notice) -> bool:
    """Whether a person is to be woken."""
    return notice.kind == "page" or (notice.kind == "opened" and notice.severity == "page")


def firing(notice: Notice, correlation: str) -> dict[str, Any]:
    """One alert."""
    labels = {
        "alertname": "ChimeraIncident" if notice.kind == "opened" else "ChimeraNeedsPerson",
        "severity": "page",
        "incident": notice.incident,
        "notice": notice.id,
    }
    return {
        "status": "firing",
        "labels": labels,
        "annotations": {
            "summary": f"{notice.incident}: {notice.title}",
            "description": notice.text,
            **notice.fields,
        },
        "startsAt": notice.at.isoformat(),
        "endsAt": NEVER,
        "generatorURL": next(iter(notice.links.values()), ""),
        "fingerprint": hashlib.sha256(f"{correlation}/{notice.id}".encode()).hexdigest()[:16],
    }


def resolved(alert: dict[str, Any], notice: Notice) -> dict[str, Any]:
    return {**alert, "status": "resolved", "endsAt": notice.at.isoformat()}
