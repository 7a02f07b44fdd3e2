"""One signal as the grouper keeps it: how it is read, how strong it is, what an incident says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chimera.detection.grouping import Group
from chimera.detection.impact import impact
from chimera.domain import (
    Alert,
    Anomaly,
    Estate,
    Priority,
    Severity,
    SignalKind,
    Symptom,
    data_nodes,
)
from chimera.domain.units import number
from chimera.platform.observability.alertmanager import NAME, SERVICE_LABELS
from chimera.platform.store import Member, Received

SYMPTOMS = 60  # of an incident that are kept; the strongest
# More work, and a change of schema that hurts nobody, are no trouble: they join an incident and
# open none.
HARMLESS_UP = frozenset({SignalKind.TRAFFIC, SignalKind.VOLUME})


def summary(
    members: Iterable[Member], estate: Estate, burning: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """The fields of an incident that the grouper owns; `burning` are burn rates by node."""
    everything = list(members)
    symptoms = [symptom(m) for m in sorted(everything, key=_weight)]
    strongest = max(everything, key=lambda m: _strength(m, estate))
    hurt = {m.service for m in everything if felt(m)}
    first = min(symptoms, key=lambda s: s.began)
    services: dict[str, None] = dict.fromkeys(s.service for s in sorted(symptoms, key=_when))
    priority, why = weighed(everything, estate, burning, strongest.service)
    return {
        "title": title(strongest),
        "leading": signal_of(strongest),
        "priority": priority,
        "impact": why,
        "service": strongest.service,
        "services": tuple(services),
        "severity": Severity.PAGE if hurt else Severity.TICKET,
        "began": first.began,
        "symptoms": tuple(sorted(symptoms[:SYMPTOMS], key=_when)),
        "signals": len(everything),
    }


def weighed(
    members: Iterable[Member], estate: Estate, burning: Mapping[str, float] | None, first: str
) -> tuple[Priority, str]:
    """An incident's priority and why; `first` is the service that it is known by.

    What only goes along (more work) says nothing of where the trouble is.
    """
    given = list(members)
    serious = [m for m in given if not harmless(m)] or given
    services = {m.service: None for m in sorted(serious, key=began)}
    order = sorted(services, key=lambda service: service != first)
    return impact(order, {m.service for m in given if felt(m)}, estate, burning)


def title(member: Member) -> str:
    """What a person reads first, from the strongest signal."""
    if member.kind == "alert":
        return f"{member.service}: {Alert.model_validate(member.body).name}"
    anomaly = Anomaly.model_validate(member.body)
    what = anomaly.signal.replace("_", " ")
    if dataset := anomaly.labels.get("dataset"):
        what = f"{what} of {dataset}"
    if anomaly.direction == "missing":
        return f"{anomaly.service}: {what} is missing"
    if anomaly.foreseen:
        return f"{anomaly.service}: {what} {anomaly.foreseen}"
    return (
        f"{anomaly.service}: {what} is {number(anomaly.observed, anomaly.unit)}, "
        f"expected {number(anomaly.least, anomaly.unit)} to {number(anomaly.high, anomaly.unit)}"
    )


def symptom(member: Member) -> Symptom:
    """The query that raised a signal, with the band in which it is healthy."""
    if member.kind == "alert":
        alert = Alert.model_validate(member.body)
        wanted = {"alertname": alert.name, "alertstate": "firing"}
        wanted |= _whose(alert)
        matchers = ",".join(f'{k}="{_escaped(v)}"' for k, v in wanted.items())
        return Symptom(
            signal=f"alert {alert.name}",
            kind=SignalKind.OTHER,
            service=alert.service,
            query=f"ALERTS{{{matchers}}}",
            began=alert.began,
        )
    anomaly = Anomaly.model_validate(member.body)
    return Symptom(
        signal=anomaly.signal,
        kind=anomaly.kind,
        service=anomaly.service,
        labels=anomaly.labels,
        query=anomaly.query,
        low=anomaly.low,
        high=anomaly.high,
        observed=anomaly.observed,
        began=anomaly.began,
        direction=anomaly.direction,
        felt=anomaly.symptom,
    )


def _whose(alert: Alert) -> dict[str, str]:
    """The labels that tell the alert from the same alert of others."""
    labels = alert.labels
    # The usual labels first; an installation may name its services by another one.
    names = (*SERVICE_LABELS, *sorted(labels))
    name = next((n for n in names if labels.get(n, "")[:NAME] == alert.service), None)
    whose = {name: labels[name]} if name else {}
    if name != "service" and "instance" in labels:
        whose["instance"] = labels["instance"]
    return whose


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def member_of(row: Received) -> Member:
    if row.kind == "alert":
        alert = Alert.model_validate(row.body)
        return Member(
            signal=_name(f"alert:{alert.fingerprint}:{alert.began.timestamp():.0f}"),
            kind="alert",
            incident=None,
            service=_name(alert.service),
            active=alert.ended is None,
            changed=row.received,
            body=row.body,
        )
    anomaly = Anomaly.model_validate(row.body)
    return Member(
        signal=_name(anomaly.id),
        kind="anomaly",
        incident=None,
        service=_name(anomaly.service),
        active=not anomaly.over,
        changed=row.received,
        body=row.body,
    )


def _name(text: str) -> str:
    """What fits a column; rows of an earlier release may be longer or hold what Postgres refuses."""
    return text.replace("\0", "")[:NAME]


def began(member: Member) -> datetime:
    return datetime.fromisoformat(member.body["began"])


def felt(member: Member) -> bool:
    """Whether users feel it: such a signal pages. An alert counts, since somebody wrote its rule."""
    return member.kind == "alert" or bool(member.body.get("symptom"))


def signal_of(member: Member) -> str:
    """The signal's name: of an anomaly its row of [[watch]], of an alert its rule."""
    body: dict[str, Any] = member.body
    return str(body["name"] if member.kind == "alert" else body["signal"])


def labels_of(member: Member) -> dict[str, str]:
    found: dict[str, str] = member.body.get("labels") or {}
    return found


def nodes_of(members: Iterable[Member]) -> tuple[str, ...]:
    """The estate's nodes whose trouble these may be: services, datasets and steps."""
    named = {name for m in members for name in (m.service, *data_nodes(labels_of(m)))}
    return tuple(sorted(named))


def harmless(member: Member) -> bool:
    """Whether this alone is no trouble: it joins an incident, and keeps none open."""
    if felt(member):
        return False
    kind = SignalKind(member.body["kind"])
    return kind is SignalKind.SCHEMA or (kind in HARMLESS_UP and member.body["direction"] == "up")


def series(member: Member) -> tuple[str, ...]:
    if member.kind == "alert":
        return (member.body["fingerprint"],)
    labels = sorted(member.body.get("labels", {}).items())
    return (member.body["signal"], member.service, *(f"{k}={v}" for k, v in labels))


def _strength(member: Member, estate: Estate) -> tuple[bool, int, float]:
    node = estate.node(member.service)
    return felt(member), -(node.tier if node else 9), float(member.body.get("surprise", 0.0))


def _weight(member: Member) -> tuple[bool, float, datetime]:
    """Sorts the strongest to the front: what users feel, then what surprises most."""
    return not felt(member), -float(member.body.get("surprise", 0.0)), began(member)


def _when(symptom: Symptom) -> tuple[datetime, str, str]:
    return symptom.began, symptom.service, symptom.signal


def group_of(incident: str, members: Iterable[Member], now: datetime) -> Group:
    """An open incident as grouping sees it: all of its signals, not only those that it shows."""
    group = Group(incident=incident)
    for member in members:
        at, name = began(member), member.service
        group.services[name] = max(at, group.services.get(name, at))
        group.alike.add((name, signal_of(member)))
        if member.active and not harmless(member):
            first, last = group.lasting.get(name, (at, now))
            group.lasting[name] = min(first, at), max(last, at)
    return group
