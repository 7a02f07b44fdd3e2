"""Look at incidents, acknowledge, resolve, merge and split them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chimera.cli.base.options import As, Json, Url
from chimera.cli.base.output import ago, as_json, brakes, fields, hushes, line, say, table

app = typer.Typer(
    help="Look at incidents, acknowledge, resolve, merge, split.", no_args_is_help=True
)
Incident = Annotated[str, typer.Argument(metavar="INCIDENT", help="For example INC-7.")]


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Resolved ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    url: Url = None,
    json: Json = False,
) -> None:
    """List incidents, newest first."""
    from chimera.cli.base.connection import connect

    api = connect(url)
    found = api.get("/incidents", open_only=not everything, limit=limit)
    if json:
        return as_json(found)
    brakes(api.get("/pauses").values())
    hushes(api.get("/hushed"))
    return table(
        ("incident", "priority", "phase", "severity", "began", "service", "ticket", "title"),
        (
            (
                i["id"], i["priority"], i["phase"], i["severity"], ago(i["began"]), i["service"], i["ticket"],
                i["title"] + (" (no data)" if i["no_data"] else "")
                + "".join(f" ({mark})" for mark in i["marks"]),
            )
            for i in found
        ),
        "no incidents" if everything else "no open incidents",
    )  # fmt: skip


@app.command()
def show(
    incident: Incident,
    record: Annotated[
        bool, typer.Option("--record", help="What was planned, called, cited and decided, too.")
    ] = False,
    url: Url = None,
    json: Json = False,
) -> None:
    """Show an incident: its cause, its evidence, its timeline."""
    from chimera.cli.base.connection import connect, part

    api = connect(url)
    found = api.get(f"/incidents/{part(incident)}")
    events = api.get(f"/incidents/{part(incident)}/events")
    if json:
        return as_json({**found, "events": events})
    brakes(api.get("/pauses").values())
    hushes(api.get("/hushed"))
    head(found)
    for event in events:
        say(
            f"  {event['at'][:19]}  {event['phase']:<13}  {line(event['text'])}  ({event['actor']})"
        )
    if record:
        from chimera.cli.diagnose.recorded import of_incident
        from chimera.cli.diagnose.terminal import show as told

        told(of_incident(incident, api))
    return None


def head(incident: dict[str, Any]) -> None:
    diagnosis = incident["diagnosis"] or {}
    fields(
        (
            ("incident", f"{incident['id']}  {incident['title']}"),
            ("phase", incident["phase"] + (", no data" if incident["no_data"] else "")),
            ("severity", incident["severity"]),
            ("priority", incident["impact"] or incident["priority"]),
            ("holds now", "; ".join(incident["marks"])),
            ("merged into", incident["merged_into"]),
            ("split from", incident["split_from"]),
            ("environment", incident["environment"]),
            ("began", f"{incident['began'][:19]} ({ago(incident['began'])})"),
            ("resolved", (incident["resolved"] or "")[:19]),
            ("services", incident["services"]),
            ("orders", incident["orders"]),
            ("ticket", incident["ticket"]),
            *((f"{chat} thread", link) for chat, link in incident["threads"].items()),
            ("acknowledged", incident["acknowledged_by"]),
            ("diagnosis", diagnosis.get("summary")),
        )
    )
    for at, finding in enumerate(diagnosis.get("findings", [])):
        cause = "cause" if at == 0 or finding.get("also") else "or"
        say(f"  {cause:<5}  {finding['confidence']:.0%}  {line(finding['cause'])}")
        for evidence in finding["evidence"]:
            say(f"       - {line(evidence['claim'])}  [{line(evidence['query'])}]")
        for evidence in finding.get("counter", ()):
            say(f"       against: {line(evidence['claim'])}  [{line(evidence['query'])}]")
    for hit in diagnosis.get("blast", ()):
        say(f"  reaches {'product ' if hit['product'] else ''}{reached(hit)}")
    for past in diagnosis.get("like", ()):
        say(f"  {line(past)}")
    for look in diagnosis.get("next_looks", []):
        say(f"  next: {line(look)}")


def reached(hit: dict[str, Any]) -> str:
    from chimera.domain import Hit

    return line(str(Hit.model_validate(hit)))


@app.command()
def handover(
    incident: Incident,
    to: Annotated[str, typer.Option(help="A person or a team; you, if not given.")] = "",
    note: Annotated[str, typer.Option(help="Why, or what is left to do.")] = "",
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Give an incident to somebody: Chimera starts no further repair of it and tells everybody."""
    from chimera.cli.base.connection import connect, part

    api = connect(url, acting)
    made = api.post(f"/incidents/{part(incident)}/handover", {"to": to, "note": note})
    return as_json(made) if json else say(f"{incident} is handed over to {made['to']}")


@app.command()
def veto(
    incident: Incident,
    cause: Annotated[str, typer.Option(help="Which one; the first if not given.")] = "",
    note: Annotated[str, typer.Option(help="Why, or what it was.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take your own vetoes back.")] = False,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Say that the cause it names was not the cause: incidents that open later hear of it."""
    from chimera.cli.base.connection import connect, part

    api = connect(url, acting)
    if undo:
        left = api.post(f"/incidents/{part(incident)}/veto/undo")
        return as_json(left) if json else say(f"your vetoes of {incident} are taken back")
    made = api.post(f"/incidents/{part(incident)}/veto", {"target": cause, "note": note})
    if json:
        return as_json(made)
    return say(f"noted: {incident} was not {made['kind']} of {made['target']}")


@app.command()
def postmortem(incident: Incident, url: Url = None, json: Json = False) -> None:
    """Print a resolved incident's post-mortem, in Markdown."""
    from chimera.cli.base.connection import connect, part

    found = connect(url).get(f"/incidents/{part(incident)}/postmortem")
    return as_json(found) if json else say(found["text"])


@app.command()
def ack(incident: Incident, acting: As = None, url: Url = None, json: Json = False) -> None:
    """Say that you look at it."""
    from chimera.cli.base.connection import connect, part

    found = connect(url, acting).post(f"/incidents/{part(incident)}/ack")
    return as_json(found) if json else say(f"{incident} is acknowledged")


@app.command()
def resolve(
    incident: Incident,
    note: Annotated[str, typer.Option(help="What it was, for the record.")] = "",
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Say that it is over."""
    from chimera.cli.base.connection import connect, part

    found = connect(url, acting).post(f"/incidents/{part(incident)}/resolve", {"note": note})
    if json:
        return as_json(found)
    done = found["phase"] == "resolved"
    return say(f"{incident} is resolved" if done else f"{incident} is being resolved")


@app.command()
def merge(
    incident: Incident,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The incident that takes them.")],
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Put all signals of INCIDENT into INTO; INCIDENT ends. Refused while an order runs on it."""
    from chimera.cli.base.connection import connect, part

    made = connect(url, acting).post(f"/incidents/{part(incident)}/merge", {"into": into})
    if json:
        return as_json(made)
    done = f"{incident} is merged into {made['incident']}"
    return say(done if made["incident"] else "noted; it is done at the next look")


@app.command()
def split(
    incident: Incident,
    service: Annotated[str, typer.Option(help="What it shows of this service goes.")],
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Put what INCIDENT shows of one service into a new incident."""
    from chimera.cli.base.connection import connect, part

    made = connect(url, acting).post(f"/incidents/{part(incident)}/split", {"service": service})
    if json:
        return as_json(made)
    done = f"{service} of {incident} is {made['incident']} now"
    return say(done if made["incident"] else "noted; it is done at the next look")
