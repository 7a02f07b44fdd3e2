"""Find anomalies in a file or in the answer to a query."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chimera.cli.base.older import JsonFile
from chimera.cli.base.options import Json, Output, address, writable

FOUND = 6  # with --exit-code, when there is an anomaly

kind = JsonFile


def command(
    source: Annotated[
        Path | None, typer.Argument(help="A CSV or Parquet file with a time column.")
    ] = None,
    query: Annotated[str | None, typer.Option(help="PromQL, instead of a file.")] = None,
    prometheus: Annotated[
        str | None,
        typer.Option(callback=address, help="Whom to ask; the settings' Prometheus if not given."),
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="Its bearer token, by reference: env:NAME or file:PATH.")
    ] = None,
    since: Annotated[str, typer.Option(help="How far back: 90m, 6h, 2d.")] = "6h",
    step: Annotated[
        str | None,
        typer.Option(help="Between two points: 30s, 5m. Found for files; 30s for PromQL."),
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="The column with the time; found if not given.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="Columns to look at, separated by commas; all if not given.")
    ] = None,
    alarms_per_week: Annotated[
        float, typer.Option(min=0.001, help="False alarms to put up with, over everything.")
    ] = 1.0,
    limit: Annotated[int, typer.Option(min=1, help="Rows of the table at most.")] = 50,
    picture: Annotated[
        Path | None,
        typer.Option(
            callback=writable, help="Draw the strongest anomaly's series: FILE.svg or FILE.png."
        ),
    ] = None,
    output: Output = None,
    json: Json = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help=f"End with {FOUND} when there is an anomaly.")
    ] = False,
) -> None:
    """Find anomalies in a CSV or Parquet file, or in the answer to a PromQL query."""
    from chimera.cli.base.output import as_json, to_file
    from chimera.cli.base.progress import spinning
    from chimera.cli.detect.output import check_picture, drawn, seconds, show, told
    from chimera.cli.detect.sources import from_file, from_prometheus
    from chimera.detection.find import find
    from chimera.domain import Misconfigured

    if (source is None) == (query is None):
        raise Misconfigured("give a file, or a query with --query: one of them")
    form = check_picture(picture)
    every = seconds("--step", step) if step else None
    names = tuple(name.strip() for name in columns.split(",")) if columns else ()
    with spinning() as said:
        if source is not None:
            data = from_file(source, time, names, every, said)
        else:
            past = seconds("--since", since)
            data = from_prometheus(query or "", prometheus, token, past, every or 30.0, said)
        rows, points = data.block.values.shape
        said(f"looking at {rows} series of {points} points", 0, 0)
        found = find(data.block, alarms_per_week=alarms_per_week)
    body = told(data, found, alarms_per_week)
    if output:
        to_file(output, body)
    if json:
        as_json(body)
    else:
        show(data, found, alarms_per_week, limit)
    if picture and form:
        drawn(data, found, picture, form, quiet=json)
    if exit_code and found.oddities:
        raise typer.Exit(FOUND)
