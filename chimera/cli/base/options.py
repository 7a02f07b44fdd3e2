"""Options that many subcommands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def address(url: str | None) -> str | None:
    """An HTTP address, told wrong before anybody is asked there. Raises BadParameter."""
    if url is not None:
        from chimera.platform.addresses import check_address

        try:
            check_address(url)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    return url


def writable(path: Path | None) -> Path | None:
    """A file that can be written, told before the work is done. Raises BadParameter."""
    if path is None:
        return None
    folder = path.absolute().parent
    if not folder.is_dir():
        raise typer.BadParameter(f"there is no folder {folder} to write {path.name} to; make it")
    if path.is_dir():
        raise typer.BadParameter(f"{path} is a folder; name a file in it")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise typer.BadParameter(f"{path} may not be written; name another file")
    return path


Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="CHIMERA_URL",
        callback=address,
        help="Chimera's API; the local stack's if not given.",
    ),
]
Home = Annotated[
    Path | None,
    typer.Option("--home", envvar="CHIMERA_HOME", help="The local stack's folder."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="CHIMERA_CONFIG", help="The settings, chimera.toml."),
]
As = Annotated[
    str | None,
    typer.Option("--as", help="Whose token of the local stack to use: operator, reviewer."),
]

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", callback=writable, help="Write JSON there."),
]
Html = Annotated[
    Path | None,
    typer.Option(metavar="FILE", callback=writable, help="Write a page with pictures there."),
]

# Of what runs a stack of its own: the demo, the benches.
Light = Annotated[bool, typer.Option("--light", help="SQLite instead of Postgres.")]
OwnHome = Annotated[
    Path | None, typer.Option("--home", help="The stack's folder; a temporary one otherwise.")
]
Results = Annotated[
    Path | None,
    typer.Option(
        "--json",
        "--output",
        metavar="FILE",
        callback=writable,
        help="Write all figures there, as JSON: of a bench it takes a FILE.",
    ),
]
WarmUp = Annotated[
    float | None,
    typer.Option("--warm-up", metavar="SECONDS", help="What detection sees before."),
]
