"""Stop all new changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chimera.cli.base.options import As, Config, Json, Url
from chimera.cli.base.output import as_json, say

if TYPE_CHECKING:
    from chimera.platform.store.records import Pause


def command(
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="Where; * is everywhere.")
    ] = "*",
    reason: Annotated[str, typer.Option(help="Why; every view shows it.")] = "",
    at_store: Annotated[
        bool,
        typer.Option(
            "--store", help="Write it into the database: needs no API, no token, no Temporal."
        ),
    ] = False,
    acting: As = None,
    config: Config = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Stop all new changes, everywhere or in one environment."""
    import asyncio

    from chimera.cli.base.connection import connect

    if at_store:
        found = asyncio.run(paused_at_store(config, environment, reason))
        pauses = {name: pause.model_dump(mode="json") for name, pause in found.items()}
    else:
        wish = {"environment": environment, "reason": reason}
        pauses = connect(url, acting).post("/pause", wish)
    where = "everywhere" if environment == "*" else f"in {environment}"
    return as_json(pauses) if json else say(f"paused {where}: no new change starts")


async def paused_at_store(config: Path | None, environment: str, reason: str) -> dict[str, Pause]:
    """Pause in the database that the settings name, from the machine that reaches it.

    It is in the audit log under the name of whoever is signed in here. Only a pause can be made so:
    what lets changes start again asks who somebody is. Raises NotFound, Misconfigured, Unavailable.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from chimera.cli.doctor.check import settings_file
    from chimera.cli.doctor.stands_on import is_file
    from chimera.domain import Misconfigured, NotFound, Unavailable
    from chimera.platform.identity.signing import Signer
    from chimera.platform.settings import load_settings
    from chimera.platform.store.engine import engine_for
    from chimera.platform.store.store import Store

    settings = load_settings(settings_file(config))
    if environment not in ("*", settings.environment):
        raise NotFound(
            f"there is no environment {environment!r} here; it is {settings.environment!r}"
        )
    address = make_url(settings.store.url)
    shown = address.render_as_string(hide_password=True)
    if address.get_backend_name() == "sqlite" and not is_file(address.database):
        raise NotFound(f"there is no store {shown}; give the worker's settings with --config")
    store = Store(engine_for(settings.store.url))
    try:
        key = settings.identity.signing_key
        try:
            if key:
                store.seal_audit(Signer(key.reveal()).seal)
        except Misconfigured as missing:
            typer.echo(f"the audit log gets one row without its seal: {missing}", err=True)
        await store.pause(environment, signed_in(), reason)
        return await store.pauses()
    except (SQLAlchemyError, OSError) as error:
        why = f"{str(error).splitlines()[0]}; stop the worker instead"
        raise Unavailable(f"the store {shown}", "take the pause", why) from error
    finally:
        await store.close()


def signed_in() -> str:
    """Who this is to the machine, for the audit log: `root@db-1, at the store`."""
    import getpass
    import os
    import socket

    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container without a line in its passwd
        name = f"uid {os.getuid()}"
    return f"{name}@{socket.gethostname()}, at the store"
