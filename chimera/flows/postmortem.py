"""The post-mortem: what happened, from the record alone."""

from __future__ import annotations

from datetime import datetime

from chimera.domain import Event, Incident, Phase
from chimera.domain.units import lasted
from chimera.platform.store import OrderRecord


def postmortem(incident: Incident, events: list[Event], orders: list[OrderRecord]) -> str:
    """Markdown: summary, impact, cause and evidence, what was done, timeline, phases."""
    end = incident.resolved or incident.opened
    parts = [
        f"# {incident.id}: {incident.title}",
        "",
        f"- Environment: {incident.environment}",
        f"- Began {clock(incident.began)}, noticed {clock(incident.opened)} "
        f"({between(incident.began, incident.opened)} later), resolved {clock(end)} "
        f"({between(incident.opened, end)} after it was noticed)",
        f"- Severity: {incident.severity.value}; close code: {incident.close_code or 'none'}",
        f"- Priority: {incident.impact or 'none'}",
        f"- Ticket: {incident.ticket or 'none'}",
        "",
        "## Impact",
        "",
        f"Symptoms in {', '.join(incident.services) or incident.service}; "
        f"{incident.signals} signals.",
        *[
            f"- {s.signal} of {s.service}: {s.observed:.4g} instead of {s.low:.4g} to {s.high:.4g}"
            for s in incident.symptoms[:12]
            if s.observed is not None and s.low is not None and s.high is not None
        ],
        "",
        "## Cause",
        "",
        *cause(incident),
        "",
        "## What was done",
        "",
        *(done(record) for record in sorted(orders, key=lambda r: r.order.attempt)),
        *([] if orders else ["Nothing was changed."]),
        "",
        "## Timeline",
        "",
        "| time (UTC) | phase | who | what |",
        "|---|---|---|---|",
        *[f"| {e.at:%H:%M:%S} | {e.phase.value} | {e.actor} | {cell(e.text)} |" for e in events],
        "",
        "## How long each phase took",
        "",
        *(f"- {phase.value}: {lasted(seconds)}" for phase, seconds in phases(events, end)),
        "",
    ]
    return "\n".join(parts)


def cause(incident: Incident) -> list[str]:
    diagnosis = incident.diagnosis
    if diagnosis is None or diagnosis.best is None:
        return [diagnosis.summary if diagnosis else "Unknown: it was over before it was found."]
    lines = []
    for found in diagnosis.causes:
        lines += [f"{found.cause} ({found.confidence:.0%} sure; kind: {found.kind.value})", ""]
        lines += [f"- {e.claim}: `{e.query}` {e.link}".rstrip() for e in found.evidence]
        if found.counter:
            lines += ["", "Against it:", *(f"- {e.claim}: `{e.query}`" for e in found.counter)]
        lines.append("")
    if diagnosis.rivals:
        lines += ["Also considered:"]
        lines += [f"- {f.cause} ({f.confidence:.0%})" for f in diagnosis.rivals[:3]]
    if diagnosis.blast:
        lines += ["", "Downstream of it:", *(f"- {hit}" for hit in diagnosis.blast)]
    elif diagnosis.affected:
        lines += ["", f"Downstream of it: {', '.join(diagnosis.affected)}"]
    if diagnosis.like:
        lines += ["", f"It was {'; '.join(diagnosis.like)}."]
    return lines


def done(record: OrderRecord) -> str:
    outcome = record.outcome
    status = f"{outcome.status}: {outcome.reason}" if outcome else record.state
    by = f", approved by {record.approval.approver}" if record.approval else ""
    return f"- {record.order.id}: {record.order.runbook} on {record.order.target}{by}: {status}"


def phases(events: list[Event], end: datetime) -> list[tuple[Phase, float]]:
    """Seconds spent in each phase, in the order of first entry."""
    spent: dict[Phase, float] = {}
    for event, following in zip(events, [*(e.at for e in events[1:]), end], strict=False):
        seconds = max(0.0, (following - event.at).total_seconds())
        if event.phase is not Phase.RESOLVED:
            spent[event.phase] = spent.get(event.phase, 0.0) + seconds
    return list(spent.items())


def clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def between(start: datetime, end: datetime) -> str:
    return lasted((end - start).total_seconds())


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
