"""Alertmanager's webhook: alerts go into the durable inbox, once each, and are grouped later."""

from __future__ import annotations

from fastapi import APIRouter, Request

from chimera.api.means import Use, Who
from chimera.platform.observability.alertmanager import SERVICE_LABELS, parse

router = APIRouter(tags=["alerts"])


@router.post("/alerts")
async def receive(request: Request, use: Use, who: Who) -> dict[str, int]:
    """Keep what Alertmanager sends. The same alert in the same state is kept once.

    Alerts whose own label names another environment open nothing here; `elsewhere` counts them.
    """
    environment = use.settings.environment
    labels = tuple(dict.fromkeys((use.settings.service_label, *SERVICE_LABELS)))
    alerts = parse(await request.body(), service_labels=labels, environment=environment)
    here = [alert for alert in alerts if alert.environment == environment]
    answer = {"received": len(alerts), "new": await use.store.put_alerts(here)}
    elsewhere = len(alerts) - len(here)
    return answer | {"elsewhere": elsewhere} if elsewhere else answer
