"""Hold signals back for a while, and let them go again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from chimera.cli.base.options import As, Json, Url
from chimera.cli.base.output import as_json, hushes, say, table

app = typer.Typer(
    help="Hold signals back for a while, and let them go again.", no_args_is_help=True
)


@app.command()
def add(
    service: Annotated[list[str] | None, typer.Option(help="Exact or a glob; repeatable.")] = None,
    signal: Annotated[
        list[str] | None,
        typer.Option(help="A [[watch]] row or an alert's name, exact or a glob; repeatable."),
    ] = None,
    label: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE")] = None,
    environment: Annotated[str, typer.Option("--environment", "-e")] = "",
    lasts: Annotated[str, typer.Option("--for", help="How long: 90m, 4h, 2d.")] = "1h",
    begins: Annotated[
        str | None, typer.Option("--from", help="ISO 8601 with its offset; now if not given.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="ISO 8601 with its offset, instead of --for.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; every view shows it.")] = "",
    maintenance: Annotated[
        bool,
        typer.Option("--maintenance", help="A window: what begins in it opens only at its end."),
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="No baseline learns from what happens meanwhile.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Propose a silence, an order: short ones run at once, long ones and pages ask somebody."""
    from chimera.cli.base.connection import connect
    from chimera.cli.runbooks import pairs
    from chimera.domain.objectives import seconds

    if not reason.strip():
        raise typer.BadParameter("say why: --reason is what every view shows")
    first = moment(begins, "--from") if begins else None
    try:
        length = seconds(lasts)
    except ValueError as error:
        raise typer.BadParameter(f"--for: {error}") from error
    if until:
        length = (moment(until, "--until") - (first or datetime.now(UTC))).total_seconds()
    if length <= 0:
        raise typer.BadParameter("it would end before it begins")
    if not maintenance and not (service or signal or label):
        raise typer.BadParameter("say what: --service, --signal or --label")
    wish = {
        "services": service or [],
        "signals": signal or [],
        "labels": pairs(label or []),
        "environment": environment,
        "kind": "maintenance" if maintenance else "silence",
        "begins": first.isoformat() if first else None,
        "seconds": length,
        "reason": reason,
        "learn": not forget,
        "dry_run": dry_run,
    }
    made = connect(url, acting).post("/silences", wish)
    if json:
        return as_json(made)
    if made["plan"]:
        plan = made["plan"]
        return say(f"nothing was done; it would be: {plan['does']} (risk {plan['risk']})")
    name = made["order"]["id"]
    return say(f"order {name} is placed; `chimera orders show {name}`, `chimera silence list`")


@app.command("list")
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    url: Url = None,
    json: Json = False,
) -> None:
    """List silences and maintenance windows, and what else is held back."""
    from chimera.cli.base.connection import connect

    api = connect(url)
    found = api.get("/silences", everything=everything)
    if json:
        return as_json(found)
    hushes(api.get("/hushed"))
    return table(
        ("silence", "kind", "what", "from", "until", "state", "by", "why"),
        (
            (
                s["id"], s["kind"], what(s["matcher"]), s["since"][:16], s["until"][:16],
                state(s), s["by"], s["reason"],
            )
            for s in found
        ),
        "nothing is silenced",
    )  # fmt: skip


@app.command()
def lift(
    silence: Annotated[str, typer.Argument(metavar="SILENCE", help="For example SIL-1a2b3c4d.")],
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """End a silence before its time: what is still abnormal opens incidents again."""
    from chimera.cli.base.connection import connect, part

    order = connect(url, acting).post(f"/silences/{part(silence)}/lift")
    return as_json(order) if json else say(f"order {order['id']} lifts {silence}")


def moment(text: str, option: str) -> datetime:
    """An aware moment, or the option is to blame."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{option}: {text!r} is no ISO 8601 time") from error
    if at.tzinfo is None:
        raise typer.BadParameter(f"{option}: {text} has no offset from UTC; write {text}Z")
    return at + timedelta(0)


def what(matcher: dict[str, Any]) -> str:
    from chimera.domain import Matcher

    return str(Matcher.model_validate(matcher))


def state(silence: dict[str, Any]) -> str:
    from chimera.domain import Silence

    known, now = Silence.model_validate(silence), datetime.now(UTC)
    if known.lifted:
        return f"lifted by {known.lifted_by}"
    return "holds" if known.holds(now) else ("is to come" if known.since > now else "is over")
