"""Talk to Chimera in the terminal: questions answered with their evidence, changes as orders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chimera.cli.base.options import As, Config, Json, Url


def command(
    question: Annotated[
        str | None, typer.Argument(help="Ask this and end; without it, a conversation begins.")
    ] = None,
    thread: Annotated[
        str, typer.Option(help="The name of the conversation; it goes on where it was.")
    ] = "terminal",
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget the conversation first.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            envvar="CHIMERA_DATA",
            help="The folder of the datasets (Parquet), instead of data.directory in the settings.",
        ),
    ] = None,
    acting: As = None,
    config: Config = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Ask in plain English: is anything wrong? why? show p99 of SERVICE; restart SERVICE."""
    import asyncio

    from chimera.cli.base.connection import connect
    from chimera.cli.chat.session import Session, settings_of
    from chimera.domain import NotFound

    if data is not None and not data.is_dir():
        raise NotFound(f"there is no folder {data}; correct --data (CHIMERA_DATA)")
    api = connect(url, acting)
    settings = settings_of(config)
    session = Session(api, settings, data, thread)
    asyncio.run(session.run(question, forget, json))
