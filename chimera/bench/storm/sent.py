"""What is sent: Alertmanager's webhook and Slack's events, as they send them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chimera.sandbox.stack.configuration import SLACK_TEAM, SLACK_USERS
from chimera.sandbox.standins.interactions import signature
from chimera.sandbox.standins.workspace import APP_ID, BOT_USER

SERVICES = ("storefront", "orders", "payments", "inventory", "warehouse")
QUESTION = "is anything wrong?"


def group(first: int, size: int) -> bytes:
    """One notification of so many alerts, each with a number of its own."""
    began = datetime.now(UTC).isoformat()
    alerts = [alert(number, began) for number in range(first, first + size)]
    return json.dumps(
        {
            "version": "4", "groupKey": f"{{}}:{{batch={first}}}", "status": "firing",
            "truncatedAlerts": 0, "receiver": "chimera", "groupLabels": {},
            "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "alerts": alerts,
        }
    ).encode()  # fmt: skip


def alert(number: int, began: str) -> dict[str, Any]:
    service = SERVICES[number % len(SERVICES)]
    return {
        "status": "firing",
        "labels": {
            "alertname": "HighLatency", "service": service, "instance": f"{service}-{number}",
            "severity": "warning",
        },
        "annotations": {"summary": f"latency of {service}-{number} is above 500 ms"},
        "startsAt": began,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": f"{number:016x}",
    }  # fmt: skip


def message(secret: str, number: int) -> tuple[bytes, dict[str, str]]:
    """A direct message of a person, signed; its body and headers."""
    user, now = SLACK_USERS["operator"], time.time()
    ts = f"{int(now)}.{number:06d}"
    event = {
        "type": "message", "channel_type": "im", "channel": f"D{user[1:]}", "user": user,
        "team": SLACK_TEAM, "text": QUESTION, "ts": ts, "event_ts": ts,
    }  # fmt: skip
    body = {
        "type": "event_callback", "token": "unused", "team_id": SLACK_TEAM, "api_app_id": APP_ID,
        "event": event, "event_id": f"Ev{uuid4().hex[:10].upper()}", "event_time": int(now),
        "authorizations": [
            {"enterprise_id": None, "team_id": SLACK_TEAM, "user_id": BOT_USER, "is_bot": True}
        ],
    }  # fmt: skip
    text, stamp = json.dumps(body), str(int(now))
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature(secret, stamp, text),
    }
    return text.encode(), headers
