"""What was heard and held back, what people think of it, and which alerts are noise."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chimera.cli.base.options import As, Json, Url
from chimera.cli.base.output import ago, as_json, hushes, say, table

app = typer.Typer(
    help="What was heard, what people think of it, which alerts are noise.", no_args_is_help=True
)
Subject = Annotated[
    str,
    typer.Argument(metavar="ID", help="An incident, or an alert of `chimera alerts list`."),
]


@app.command("list")
def list_(
    days: Annotated[float, typer.Option(min=0.01, max=14)] = 1.0,
    incident: Annotated[str | None, typer.Option(help="Only those of one incident.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Only what was held back.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    url: Url = None,
    json: Json = False,
) -> None:
    """List anomalies and alerts, newest first: where each went, or what held it back."""
    from chimera.cli.base.connection import connect

    api = connect(url)
    found = api.get("/signals", days=days, incident=incident, held=held or None, limit=limit)
    if json:
        return as_json(found)
    hushes(api.get("/hushed"))
    return table(
        ("began", "alert", "service", "severity", "state", "went to", "id"),
        (
            (
                ago(s["began"]), s["signal"], s["service"], "page" if s["page"] else "ticket",
                "active" if s["active"] else "over",
                s["incident"] or (f"held: {s['held']}" if s["held"] else "no incident"), s["id"],
            )
            for s in found
        ),
        "no alerts",
    )  # fmt: skip


@app.command()
def report(
    days: Annotated[float, typer.Option(min=0.01, max=14)] = 7.0,
    url: Url = None,
    json: Json = False,
) -> None:
    """Which alerts are noise: by rule and service, how many were acted on, what to mute or tune."""
    from chimera.cli.base.connection import connect
    from chimera.domain.units import lasted

    api = connect(url)
    found = api.get("/noise", days=days)
    if json:
        return as_json(found)
    hushes(api.get("/hushed"))
    known = found["known_since"]
    if known is None or known > found["since"]:
        say(f"of {days:g} days asked for, there is data since {known[:16] if known else 'never'}")
    if found["remark"]:
        say(found["remark"])
    table(
        (
            "alert", "service", "severity", "fired", "acted on", "by itself", "held", "useful",
            "median", "advice",
        ),
        (
            (
                r["rule"], r["service"], "page" if r["page"] else "ticket", r["fired"], r["acted"],
                r["recovered"], r["held"], f"{r['useful']}/{r['useful'] + r['not_useful']}",
                lasted(r["median_seconds"]), r["advice"],
            )
            for r in found["rows"]
        ),
        "no alerts",
    )  # fmt: skip
    commands = [r for r in found["rows"] if r["command"]]
    if commands:
        say()
    for r in commands:
        say(f"{r['rule']} of {r['service']}: {r['command']}")
    return None


@app.command()
def useful(subject: Subject, acting: As = None, url: Url = None, json: Json = False) -> None:
    """Say that it was worth hearing of."""
    vote(subject, True, acting, url, json)


@app.command("not-useful")
def not_useful(subject: Subject, acting: As = None, url: Url = None, json: Json = False) -> None:
    """Say that it was not: its kind takes a little more to fire, for 14 days; a page never."""
    vote(subject, False, acting, url, json)


def vote(subject: str, useful: bool, acting: str | None, url: str | None, json: bool) -> None:
    from chimera.cli.base.connection import connect, part

    found = connect(url, acting).post(f"/feedback/{part(subject)}", {"useful": useful})
    return as_json(found) if json else say(swayed(found))


@app.command()
def undo(subject: Subject, acting: As = None, url: Url = None, json: Json = False) -> None:
    """Take your own vote back."""
    from chimera.cli.base.connection import connect, part

    found = connect(url, acting).post(f"/feedback/{part(subject)}/undo")
    return as_json(found) if json else say(f"your vote on {subject} is taken back")


@app.command()
def feedback(url: Url = None, json: Json = False) -> None:
    """What people's votes do just now, by kind of alert."""
    from chimera.cli.base.connection import connect

    found = connect(url).get("/feedback")
    if json:
        return as_json(found)
    if not found:
        say("nobody has voted in the last 14 days")
    for one in found:
        say(swayed(one))
    return None


def swayed(sway: dict[str, Any]) -> str:
    from chimera.domain import Sway

    return str(Sway.model_validate(sway))
