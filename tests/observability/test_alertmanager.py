"""Alertmanager's webhook: what is read, and what is refused."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from chimera.domain import Refused
from chimera.platform.observability import parse_webhook

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
