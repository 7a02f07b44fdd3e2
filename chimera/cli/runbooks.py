"""Look at runbooks and run them."""

from __future__ import annotations

from typing import Annotated

import typer

from chimera.cli.base.options import As, Json, Url
from chimera.cli.base.output import as_json, fields, say, table

app = typer.Typer(help="Look at runbooks and run them.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="RUNBOOK", help="For example restart_service.")]


@app.command("list")
def list_(url: Url = None, json: Json = False) -> None:
    """List what can be done."""
    from chimera.cli.base.connection import connect

    found = connect(url).get("/runbooks")
    if json:
        return as_json(found)
    return table(
        ("runbook", "risk", "way back", "mends", "summary"),
        (
            (c["name"], c["risk"], "yes" if c["reversible"] else "no", c["mends"], c["summary"])
            for c in found
        ),
        "no runbooks",
    )


@app.command()
def show(name: Name, url: Url = None, json: Json = False) -> None:
    """Show a runbook and its parameters."""
    from chimera.cli.base.connection import connect, part

    card = connect(url).get(f"/runbooks/{part(name)}")
    if json:
        return as_json(card)
    fields((key, value) for key, value in card.items() if key != "parameters")
    required = card["parameters"].get("required", [])
    for key, schema in card["parameters"].get("properties", {}).items():
        kind = schema.get("type", "value") + (", required" if key in required else "")
        say(f"  --parameter {key}=...  ({kind}) {schema.get('description', '')}".rstrip())
    return None


@app.command()
def run(
    name: Name,
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="KEY=VALUE")
    ] = None,
    target: Annotated[str, typer.Option(help="What it changes; the parameters name it too.")] = "",
    reason: Annotated[str, typer.Option(help="Why; kept with the order.")] = "asked by a person",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    acting: As = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Place an order for a runbook; policy, and perhaps another person, decide about it."""
    from chimera.cli.base.connection import connect, part

    wish = {
        "parameters": pairs(parameter or []),
        "target": target,
        "reason": reason,
        "dry_run": dry_run,
    }
    made = connect(url, acting).post(f"/runbooks/{part(name)}/run", wish)
    if json:
        return as_json(made)
    if made["plan"]:
        say("nothing was done; this is what would be:")
        return fields(made["plan"].items())
    return say(
        f"order {made['order']['id']} is placed; `chimera orders show {made['order']['id']}`"
    )


def pairs(given: list[str]) -> dict[str, str]:
    """KEY=VALUE options as a dictionary."""
    found: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise typer.BadParameter(f"{text!r} is not KEY=VALUE")
        if key in found:
            raise typer.BadParameter(f"{key!r} is given twice")
        found[key] = value
    return found
