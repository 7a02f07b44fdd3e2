"""Who may do what: the people of people.toml and their API tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chimera.cli.base.options import Config, Json
from chimera.cli.base.output import as_json, say, table

app = typer.Typer(help="Who may do what, and their API tokens.", no_args_is_help=True)
Who = Annotated[str, typer.Argument(metavar="NAME", help="Their id in people.toml.")]


@app.command("list")
def list_(config: Config = None, json: Json = False) -> None:
    """List the people: roles, identities, how many API tokens."""
    from chimera.platform.identity.people import People

    people = People.load(file_of(config)).people
    rows = [
        p.model_dump(mode="json", exclude={"tokens"}) | {"tokens": len(p.tokens)} for p in people
    ]
    if json:
        return as_json(rows)
    return table(
        ("id", "name", "roles", "tokens", "e-mail", "slack", "teams"),
        (
            [r[key] for key in ("id", "name", "roles", "tokens", "email", "slack", "teams")]
            for r in rows
        ),
        "nobody; add somebody with `chimera people add`",
    )


@app.command()
def add(
    name: Who,
    role: Annotated[
        list[str] | None, typer.Option(help="viewer, operator, approver or admin; repeatable.")
    ] = None,
    full_name: Annotated[str, typer.Option("--name", help="As others read it.")] = "",
    email: Annotated[str | None, typer.Option(help="Their e-mail address.")] = None,
    slack: Annotated[
        list[str] | None, typer.Option(metavar="TEAM/USER", help="Their Slack user; repeatable.")
    ] = None,
    teams: Annotated[
        list[str] | None,
        typer.Option(metavar="TENANT/USER", help="Their Teams user, by object id; repeatable."),
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Add somebody, without a token; a viewer unless roles are given."""
    from pydantic import ValidationError

    from chimera.domain import Misconfigured
    from chimera.platform.identity.people import Person
    from chimera.platform.identity.register import add_person

    chats = {"slack": slack or (), "teams": teams or ()}
    given = {"id": name, "name": full_name, "email": email, **chats}
    try:
        person = Person.model_validate(given | ({"roles": role} if role else {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise Misconfigured(
            f"{name} cannot be added: {first['loc'][0]} {first['input']!r}: {first['msg']}"
        ) from error
    path = file_of(config)
    add_person(path, person)
    remark(path)
    if json:
        return as_json(person.model_dump(mode="json", exclude={"tokens"}))
    return say(f"{person.id} ({', '.join(person.roles)}) is in {path}")


@app.command()
def token(
    name: Who,
    replace: Annotated[
        bool, typer.Option("--replace", help="Their earlier tokens end with it.")
    ] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Make an API token for somebody. It is shown once; people.toml keeps its hash alone."""
    from chimera.platform.identity.register import add_token

    path = file_of(config)
    made = add_token(path, name, alone=replace)
    remark(path)
    if json:
        return as_json({"id": name, "token": made})
    typer.echo("shown this once; a running API takes it within seconds", err=True)
    return typer.echo(made)


def file_of(config: Path | None) -> Path:
    """Where the people are. Raises Misconfigured."""
    from chimera.cli.doctor.check import settings_file
    from chimera.domain import Misconfigured
    from chimera.platform.settings import load_settings

    path = load_settings(settings_file(config)).identity.people
    if path is None:
        raise Misconfigured(
            "there is no people file; set identity.people in chimera.toml, e.g. to people.toml"
        )
    return path


def remark(path: Path) -> None:
    """The local stack's own file does not last."""
    from chimera.sandbox.stack.configuration import HEADER

    if path.read_text().startswith(HEADER):
        typer.echo(f"{path} is written anew by the next `chimera up`", err=True)
