"""`chimera diagnose`: the root cause of an incident, or of what files of metrics show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chimera.cli.base.options import Html, Json, Output, Url
from chimera.cli.base.output import as_json, to_file


def command(
    what: Annotated[
        str,
        typer.Argument(
            metavar="PATH|INCIDENT",
            help="A folder with case.json, a CSV of <service>__<metric> columns, or an incident.",
        ),
    ],
    onset: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Since when, of a CSV: Unix seconds or ISO 8601."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(metavar="SERVICE[:METRIC]", help="Where it is felt, of a CSV."),
    ] = None,
    graph: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Who calls whom: a CSV of caller,callee.")
    ] = None,
    traces: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Spans: OTLP JSON, Jaeger, Tempo or Parquet."),
    ] = None,
    html: Html = None,
    output: Output = None,
    url: Url = None,
    json: Json = False,
) -> None:
    """Name the root cause with its evidence, what speaks against it, and the runners-up."""
    from chimera.cli.base.connection import connect
    from chimera.cli.diagnose.incident import of_incident
    from chimera.cli.diagnose.of_files import report
    from chimera.cli.diagnose.page import page
    from chimera.cli.diagnose.sources import of_file, of_folder
    from chimera.cli.diagnose.terminal import show
    from chimera.domain import NotFound

    path = Path(what)
    if path.is_dir():
        found = report(of_folder(path))
    elif path.is_file():
        found = report(of_file(path, onset, target, graph, traces))
    elif what.upper().startswith("INC-"):
        found = of_incident(what, connect(url))
    else:
        raise NotFound(
            f"there is no file or folder {what}, and an incident is called like INC-7; "
            "`chimera incidents list` shows them"
        )
    if html:
        html.write_text(page(found))
    if output:
        to_file(output, found.data)
    if json:
        as_json(found.data)
        return
    show(found)
    if html:
        typer.echo(f"the page is {html}")
