"""Alertmanager's webhook (version 4), parsed strictly."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from chimera.domain import Alert, Refused

ALERTS = 10_000  # in one message; Alertmanager sends far fewer
TEXT = 2_000  # characters kept of a label or annotation
NAME = 255  # characters kept of a service's name; Kubernetes and DNS allow no more
WEB = ("http://", "https://")
SERVICE_LABELS = ("service", "job")  # the first that an alert has names its service


class _Alert(BaseModel):
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = Field(default_factory=dict)
    startsAt: AwareDatetime
    endsAt: AwareDatetime | None = None
    generatorURL: str = ""
    fingerprint: str = Field(min_length=1, max_length=128)


class _Message(BaseModel):
    version: Literal["4"]
    alerts: list[_Alert] = Field(max_length=ALERTS)
    truncatedAlerts: int = 0


def parse(
    body: bytes | dict[str, Any],
    *,
    service_labels: tuple[str, ...] = SERVICE_LABELS,
    environment: str = "default",
) -> tuple[Alert, ...]:
    """The alerts of one webhook message. Raises Refused, naming the field that is wrong.

    The service is the first of `service_labels` that an alert has, else "unknown"; the environment
    is the alert's own label `environment`, else the default.
    """
    try:
        said = orjson.loads(body) if isinstance(body, bytes) else body
        message = _Message.model_validate(said)
    except orjson.JSONDecodeError as error:
        raise Refused(
            f"the Alertmanager webhook could not be read: no JSON ({error}); "
            "send Alertmanager's own webhook_config here"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the message"
        raise Refused(
            f"the Alertmanager webhook could not be read: {where}: {first['msg']}; "
            "only version 4 of Alertmanager's webhook is understood"
        ) from error
    return tuple(_alert(one, service_labels, environment) for one in message.alerts)


def _alert(one: _Alert, service_labels: tuple[str, ...], environment: str) -> Alert:
    labels = _clean(one.labels)
    service = next((labels[name] for name in service_labels if labels.get(name)), "unknown")
    return Alert(
        fingerprint=_plain(one.fingerprint),
        name=labels.get("alertname", "unnamed"),
        service=service[:NAME],
        # An empty label is none, to Alertmanager as well.
        environment=labels.get("environment") or environment,
        labels=labels,
        annotations=_clean(one.annotations),
        began=one.startsAt,
        ended=_ended(one),
        link=_plain(one.generatorURL) if one.generatorURL.startswith(WEB) else "",
    )


def _clean(texts: dict[str, str]) -> dict[str, str]:
    return {_plain(name)[:TEXT]: _plain(text)[:TEXT] for name, text in texts.items()}


def _plain(text: str) -> str:
    """Without the character that no text column of Postgres takes."""
    return text.replace("\0", "")


def _ended(one: _Alert) -> datetime | None:
    """A firing alert's end is a guess about the future, or the zero time: no end."""
    return one.endsAt if one.status == "resolved" else None
