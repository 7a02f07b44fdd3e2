"""Alertmanager's webhook: alerts go into the durable inbox, once each, and are grouped later."""

from __future__ import annotations

from fastapi import APIRouter, Request

from chimera.api.means import Use, Who
from chimera.domain import Alert
from chimera.platform.observability.alertmanager import parse

router = APIRouter(tags=["alerts"])


@router.post("/alerts")
async def receive(request: Request, use: Use, who: Who) -> dict[str, int]:
    """Keep what Alertmanager sends. The same alert in the same state is kept once."""
    alerts = parse(await request.body(), environment=use.settings.environment)
    rows = [(key(alert), "alert", alert.model_dump(mode="json")) for alert in alerts]
    return {"received": len(rows), "new": await use.store.put_signals(rows)}


def key(alert: Alert) -> str:
    """What makes a delivery a repetition: the same alert, raised at the same time, in one state."""
    ended = alert.ended.isoformat() if alert.ended else "firing"
    return f"alert/{alert.fingerprint}/{alert.began.isoformat()}/{ended}"
