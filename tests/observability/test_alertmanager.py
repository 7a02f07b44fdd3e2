"""Alertmanager's webhook: what is read, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from fastapi import Request

from chimera.api.alerts import receive
from chimera.domain import Alert, Refused
from chimera.platform.observability import parse_webhook
from chimera.platform.settings import Settings

FIRING: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "HighErrors", "service": "orders", "severity": "page"},
    "annotations": {"summary": "errors"},
    "startsAt": "2026-01-01T00:00:00.5Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus/graph",
    "fingerprint": "abc",
}


def message(*alerts: dict[str, Any], **changes: Any) -> bytes:
    return orjson.dumps({"version": "4", "groupKey": "g", "alerts": list(alerts), **changes})


def test_alerts_are_read() -> None:
    resolved = {**FIRING, "status": "resolved", "endsAt": "2026-01-01T00:05:00Z"}
    one, two = parse_webhook(message(FIRING, resolved), environment="practice")
    assert (one.name, one.service, one.environment) == ("HighErrors", "orders", "practice")
    assert one.ended is None
    assert two.ended is not None


def test_an_alert_of_no_known_service_says_so() -> None:
    (alert,) = parse_webhook(message({**FIRING, "labels": {}, "generatorURL": "javascript:x"}))
    assert (alert.service, alert.name, alert.link) == ("unknown", "unnamed", "")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"<xml>", "no JSON"),
        (b"[]", "the message"),
        (message(FIRING, version="3"), "version"),
        (message({**FIRING, "status": "odd"}), r"alerts\.0\.status"),
        (message({**FIRING, "startsAt": "yesterday"}), r"alerts\.0\.startsAt"),
        (message({k: v for k, v in FIRING.items() if k != "fingerprint"}), "fingerprint"),
    ],
)
def test_anything_else_is_refused_by_name(body: bytes, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        parse_webhook(body)


def test_what_no_database_takes_is_cut_out() -> None:
    labels = {"alertname": "Odd\0", "service": "o\0" + "x" * 3000, "environment": ""}
    (alert,) = parse_webhook(
        message({**FIRING, "labels": labels, "annotations": {"a\0": "b\0"}}), environment="practice"
    )
    assert alert.service == "o" + "x" * 254
    assert "\\u0000" not in alert.model_dump_json()
    assert alert.environment == "practice"


class Kept:
    """A store that keeps alerts in a list."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    async def put_alerts(self, alerts: list[Alert]) -> int:
        self.alerts += alerts
        return len(alerts)


async def test_alerts_of_another_environment_open_nothing_here() -> None:
    def of(environment: str) -> dict[str, Any]:
        return {**FIRING, "labels": {**FIRING["labels"], "environment": environment}}

    async def body() -> dict[str, Any]:
        return {"type": "http.request", "body": message(FIRING, of("practice"), of("production"))}

    kept = Kept()
    use: Any = SimpleNamespace(settings=Settings(environment="practice"), store=kept)
    who: Any = None
    answer = await receive(Request({"type": "http"}, body), use, who)
    assert answer == {"received": 3, "new": 2, "elsewhere": 1}
    assert {alert.environment for alert in kept.alerts} == {"practice"}
