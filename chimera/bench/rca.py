"""`chimera bench rca`: root-cause ranking on cases that come as files."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from chimera.cli.base.options import Results, writable


def command(
    path: Annotated[
        Path | None, typer.Argument(help="A folder of <system>/<case>/case.json, or one system.")
    ] = None,
    rankings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", callback=writable, help="Write what was ranked for each case."
        ),
    ] = None,
    rename: Annotated[
        bool, typer.Option("--rename", help="Random service names, to see that none is known.")
    ] = False,
    selection: Annotated[
        bool,
        typer.Option("--selection", help="Settings found on other systems, and on half the cases."),
    ] = False,
    scale: Annotated[
        bool, typer.Option("--scale", help="Only time 1,000 services x 20 metrics x 4 hours.")
    ] = False,
    foreign: Annotated[
        int,
        typer.Option(metavar="N", help="Only N drawn systems for each fault, and 4 N calm ones."),
    ] = 0,
    json: Results = None,
) -> None:
    """AC@1, AC@3, Avg@5 per system beside other methods; no cause on normal data; confidence."""
    from chimera.bench.rootcause.run import run, run_scale
    from chimera.domain import Misconfigured

    if scale:
        run_scale(json)
        return
    if foreign:
        from chimera.bench.rootcause.foreign.run import run_foreign, show

        show(told := run_foreign(foreign))
        if json:
            json.write_text(dumps(told, indent=1) + "\n")
        return
    if path is None:
        raise Misconfigured("chimera bench rca needs a folder of cases, --scale or --foreign N")
    run(path, rankings, rename, selection, json)
