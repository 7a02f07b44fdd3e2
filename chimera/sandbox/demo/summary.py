"""The end of the demo: what was found, done and proved, and where to look."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from chimera.domain import Incident
from chimera.sandbox.demo.story import Act
from chimera.sandbox.stack.state import StackState


def act_table(act: Act, interval: float) -> Table:
    """One act as a table of facts."""
    table = Table(title=act.name, title_justify="left", show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    if not act.incidents:
        table.add_row("Incidents", "none")
        return table
    delay = act.delay(interval)
    for incident in act.incidents:
        table.add_row("Incident", f"{incident.id}: {incident.title}")
        table.add_row("State", state(incident))
        for name, text in found(incident):
            table.add_row(name, text)
        ticket = incident.ticket or "not written yet"
        table.add_row("ServiceNow", ticket)
        for channel, link in incident.threads.items():
            table.add_row(f"{channel.title()} thread", link)
    for record in act.orders:
        outcome = record.outcome
        status = f"{outcome.status}: {outcome.reason}" if outcome else record.state
        table.add_row("Order", f"{record.order.id} {record.order.runbook} on {record.order.target}")
        table.add_row("", status)
        if outcome and outcome.status == "applied":
            named = (f"{s.signal} of {s.service}" for s in record.order.symptoms)
            table.add_row("Proved by", f"{', '.join(named)}: back in their usual range")
    if delay is not None:
        table.add_row("Detected", f"{delay:.1f} scrape intervals after the injection")
    table.add_row("All in all", f"{act.seconds:.0f} s")
    return table


def state(incident: Incident) -> str:
    return f"{incident.phase.value}" + (f" ({incident.close_code})" if incident.close_code else "")


def found(incident: Incident) -> list[tuple[str, str]]:
    diagnosis = incident.diagnosis
    if diagnosis is None:
        return [("Cause", "none was named")]
    best = diagnosis.best
    if best is None:
        return [("Cause", diagnosis.summary)]
    rows = [("Cause", f"{best.cause} ({best.confidence:.0%} sure)")]
    rows += [("Evidence", f"{e.claim}\n[dim]{e.query}[/dim]") for e in best.evidence[:3]]
    if diagnosis.affected:
        rows.append(("Downstream", ", ".join(diagnosis.affected)))
    return rows


def links(console: Console, state: StackState) -> None:
    console.print("Look around:", style="bold")
    console.print(f"  Chimera      {state.urls['api']}")
    console.print(f"  Prometheus   {state.urls['prometheus']}")
    for name in ("servicenow", "slack", "page"):
        console.print(f"  {name:<12} {state.urls['standins']}/{name}")
