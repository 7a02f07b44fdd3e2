"""A pager that takes Alertmanager's webhook, version 4."""

from __future__ import annotations

import json
from datetime import datetime
from hmac import compare_digest
from typing import Any

from aiohttp import web

from chimera.sandbox.standins.book import Book
from chimera.sandbox.standins.secrets import Secrets


class Pager:
    """One alert a fingerprint: a repeated one rings once."""

    def __init__(self, book: Book, secrets: Secrets) -> None:
        self._book = book
        self._expected = f"Bearer {secrets.page_token}"

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/page/webhook", self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        shown = request.headers.get("Authorization", "")
        if not compare_digest(shown.encode(), self._expected.encode()):
            self._book.write("page", "refused", {"status": 401})
            return web.json_response({"error": "bearer token missing or wrong"}, status=401)
        try:
            message = json.loads(await request.text())
            complaint = wrong(message)
        except ValueError as error:
            complaint = f"not JSON: {error}"
        if complaint:
            self._book.write("page", "refused", {"status": 400, "why": complaint})
            return web.json_response({"error": complaint}, status=400)
        for alert in message["alerts"]:
            known = self._book.get("page_alert", alert["fingerprint"])
            if known is None or known["status"] != alert["status"]:
                self._book.write("page", alert["status"], alert)
            self._book.put("page_alert", alert["fingerprint"], alert)
        return web.json_response({"status": "accepted"})

    def alerts(self) -> list[dict[str, Any]]:
        """For the page: newest first."""
        return list(reversed(self._book.all("page_alert")))


def wrong(message: Any) -> str | None:
    """What keeps this from being an Alertmanager message; None if nothing does."""
    if not isinstance(message, dict) or message.get("version") != "4":
        return "version must be '4'"
    for name, kind in (("groupKey", str), ("receiver", str), ("groupLabels", dict)):
        if not isinstance(message.get(name), kind):
            return f"{name} is missing or of the wrong type"
    if message.get("status") not in ("firing", "resolved"):
        return "status must be firing or resolved"
    alerts = message.get("alerts")
    if not isinstance(alerts, list) or not alerts:
        return "alerts must be a list that is not empty"
    for alert in alerts:
        if alert.get("status") not in ("firing", "resolved") or not alert.get("fingerprint"):
            return "an alert needs a status and a fingerprint"
        if not alert.get("labels", {}).get("alertname"):
            return "an alert needs the label alertname"
        for name in ("startsAt", "endsAt"):
            try:
                at = datetime.fromisoformat(alert.get(name, ""))
            except ValueError:
                return f"{name} must be an RFC 3339 time"
            if at.tzinfo is None:
                return f"{name} has no time zone"
    return None
