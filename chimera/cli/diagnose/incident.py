"""The diagnosis of an incident that Chimera holds, as its API tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from chimera.cli.base.connection import Connection, part
from chimera.cli.diagnose.recorded import decisions, overrides, runs_of
from chimera.cli.diagnose.recorded import tables as run_tables
from chimera.cli.diagnose.report import Cause, Claim, Report, Table
from chimera.domain import (
    Diagnosis,
    Dossier,
    Evidence,
    Exhibit,
    Finding,
    Incident,
    NotFound,
    Order,
    Veto,
)
from chimera.platform.pictures.canvas import Drawing
from chimera.platform.pictures.stacked import Panel, stacked


def of_incident(name: str, api: Connection) -> Report:
    """Ask for it. Raises NotFound when there is no such incident."""
    found = api.get(f"/incidents/{part(name)}")
    incident = Incident.model_validate(found)
    try:
        dossier = Dossier.model_validate(api.get(f"/incidents/{part(name)}/dossier"))
    except NotFound:  # no cause was named yet, or an earlier release named it
        dossier = None
    vetoes = [Veto.model_validate(one) for one in api.get(f"/incidents/{part(name)}/vetoes")]
    records = api.get("/orders", incident=incident.id)
    orders = [Order.model_validate(one["order"]) for one in records]
    runs = runs_of(api.get(f"/incidents/{part(name)}/runs"))
    data = {
        "incident": incident.id,
        "diagnosis": found["diagnosis"],
        "dossier": dossier.model_dump(mode="json") if dossier else None,
        "vetoes": [veto.model_dump(mode="json") for veto in vetoes],
    }
    made = report(incident, dossier, vetoes, orders, data)
    return replace(
        made,
        tables=(*made.tables, *run_tables(runs), decisions(records)),
        notes=(*made.notes, ("overrode", tuple(overrides(records, vetoes)))),
        data={**data, "runs": [run.model_dump(mode="json") for run in runs]},
    )


def report(
    incident: Incident,
    dossier: Dossier | None,
    vetoes: list[Veto],
    orders: list[Order],
    data: dict[str, object],
) -> Report:
    diagnosis = incident.diagnosis or Diagnosis(summary="It was not investigated yet.")
    partial = " Some data could not be read." if diagnosis.partial else ""
    return Report(
        headline=f"{incident.id}: {headline(incident, diagnosis)}",
        context=f"{incident.title}; onset {incident.began:%Y-%m-%d %H:%M:%S} UTC; "
        f"{incident.phase.value.replace('_', ' ')}. {diagnosis.summary}{partial}",
        causes=tuple(cause(f, orders) for f in diagnosis.causes),
        rivals=tuple(cause(f, orders) for f in diagnosis.rivals),
        tables=tables(diagnosis, dossier),
        notes=(
            ("like", diagnosis.like),
            ("veto", tuple(said(veto) for veto in vetoes)),
            ("look next", diagnosis.next_looks),
        ),
        picture=picture(dossier),
        data=dict(data),
    )


def headline(incident: Incident, diagnosis: Diagnosis) -> str:
    causes = diagnosis.causes
    if not causes:
        return "no cause is named" if incident.diagnosis else "not investigated yet"
    named = " and ".join(f"{f.target} ({f.kind.value}, {f.confidence:.0%})" for f in causes)
    return f"{'cause' if len(causes) == 1 else 'causes'}: {named}"


def cause(finding: Finding, orders: list[Order]) -> Cause:
    repair = f"{finding.runbook} on {finding.target}" if finding.runbook else "no runbook here"
    made = [o.id for o in orders if (o.runbook, o.target) == (finding.runbook, finding.target)]
    return Cause(
        name=finding.target or "",
        kind=finding.kind.value,
        sure=f"{finding.confidence:.0%}",
        says=finding.cause or "",
        evidence=tuple(claim(piece) for piece in finding.evidence),
        against=tuple(claim(piece) for piece in finding.counter),
        repair=repair + (f" (order {', '.join(made)})" if made else ""),
    )


def claim(piece: Evidence) -> Claim:
    window = ""
    if piece.began and piece.ended:
        window = f", {piece.began:%Y-%m-%d %H:%M:%S} to {piece.ended:%H:%M:%S} UTC"
    return Claim(piece.claim, piece.query + window, piece.link, piece.untrusted)


def said(veto: Veto) -> str:
    note = f": {veto.note}" if veto.note else ""
    return f"{veto.person} says that it was not {veto.kind.value} of {veto.target}{note}"


def tables(diagnosis: Diagnosis, dossier: Dossier | None) -> tuple[Table, ...]:
    """Blast radius, log templates with their counts, and what was changed."""
    blast = tuple(
        (
            hit.name + (" (product)" if hit.product else ""),
            hit.owner,
            hit.state + (f" {hit.at:%H:%M:%S}" if hit.at else ""),
            hit.why,
            ", ".join(hit.by_way_of),
        )
        for hit in diagnosis.blast
    )
    logs = tuple(
        (log.service, log.level, str(log.before), str(log.since), log.template)
        for log in (dossier.logs if dossier else ())
    )
    changes = tuple(
        (f"{c.at:%Y-%m-%d %H:%M:%S}", c.service, c.kind, c.what, c.before, c.after)
        for c in (dossier.changes if dossier else ())
    )
    return (
        Table("blast radius", ("what", "owner", "state", "why then", "by way of"), blast),
        Table("log templates", ("service", "level", "before", "since", "template"), logs),
        Table("changes", ("time (UTC)", "service", "kind", "what", "from", "to"), changes),
    )


def picture(dossier: Dossier | None) -> Drawing | None:
    panels = [panel(one) for one in dossier.exhibits if one.values] if dossier else []
    return stacked(panels, dossier.onset) if dossier and panels else None


def panel(exhibit: Exhibit) -> Panel:
    labels = ", ".join(f"{k}={v}" for k, v in sorted(exhibit.labels.items()))
    title = f"{exhibit.service}, {exhibit.signal}" + (f" ({labels})" if labels else "")
    step = timedelta(seconds=exhibit.step)
    return Panel(
        role=exhibit.role,
        title=title,
        times=[exhibit.start + step * n for n in range(len(exhibit.values))],
        values=np.array([np.nan if v is None else v for v in exhibit.values], dtype=np.float64),
        limit=exhibit.limit,
    )
