from __future__ import annotations

from datetime import datetime

from chimera.domain import Change, Evidence, Principal
from chimera.platform.observability.changes import Changes
from chimera.platform.observability.prometheus import Prometheus, equals, selector
from chimera.platform.settings import Settings
from chimera.tools.base import Look, evidence_id, tool


@tool
async def list_changes(
    since: datetime,
    until: datetime,
    service: str | None = None,
    *,
    who: Principal,
    changes: Changes,
    prometheus: Prometheus,
    settings: Settings,
) -> Look:
    """Releases, configuration and schema changes between two times, of one service or of all."""
    found = tuple(await changes.changes(since, until, service))
    evidence = tuple(
        Evidence(
            id=change_id(change),
            tool="list_changes",
            claim=said(change),
            query=(query := query_of(change, settings)),
            began=since,
            ended=until,
            excerpt=f"{change.at:%Y-%m-%d %H:%M:%S} UTC: {change.before!r} -> {change.after!r}",
            link=prometheus.link(query, until - since),
        )
        for change in found
    )
    return Look(evidence, found)


def change_id(change: Change) -> str:
    """The id of a change's evidence: the same whatever window it was seen in."""
    what = f"{change.service} {change.kind} {change.what} {change.before} {change.after}"
    return evidence_id("list_changes", what, change.at)


def said(change: Change) -> str:
    """A change in one sentence."""
    what = "release" if change.kind == "release" else f"{change.kind} {change.what}"
    was = f" from {change.before}" if change.before else ""
    return f"{change.service}: {what} went{was} to {change.after} at {change.at:%H:%M:%S} UTC"


def query_of(change: Change, settings: Settings) -> str:
    """The query on which a person sees the change."""
    for metric in settings.changes:
        if metric.kind == change.kind:
            label = metric.service_label or settings.service_label
            chosen = [equals(label, change.service)]
            if metric.key_label:
                chosen.append(equals(metric.key_label, change.what))
            return selector(metric.metric, *chosen)
    return selector("up", equals(settings.service_label, change.service))
