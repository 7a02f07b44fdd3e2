"""Options that many subcommands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Url = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="CHIMERA_URL", help="Chimera's API; the local stack's if not given."
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

# Of what runs a stack of its own: the demo, the benches.
Light = Annotated[bool, typer.Option("--light", help="SQLite instead of Postgres.")]
OwnHome = Annotated[
    Path | None, typer.Option("--home", help="The stack's folder; a temporary one otherwise.")
]
Results = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write summary and cases there.")
]
WarmUp = Annotated[
    float | None,
    typer.Option("--warm-up", metavar="SECONDS", help="What detection sees before."),
]
