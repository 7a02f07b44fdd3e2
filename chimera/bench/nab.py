"""`chimera bench nab`: the Numenta Anomaly Benchmark, or any folder laid out like it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chimera.cli.base.options import Results

if TYPE_CHECKING:
    from chimera.bench.numenta.files import SeriesFile
    from chimera.detection.base import Floats


def command(
    path: Annotated[
        Path, typer.Argument(help="Folder with data/<category>/<file>.csv and windows.json.")
    ],
    scores: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write <category>/<file>.csv there.")
    ] = None,
    json: Results = None,
) -> None:
    """Stream each file through the ensemble; its score beside the peers' published ones."""
    from time import perf_counter

    import orjson
    from rich.console import Console

    from chimera.bench.numenta import report as r
    from chimera.bench.numenta.calibrated import calibrated
    from chimera.bench.numenta.files import read
    from chimera.bench.numenta.scoring import Scored
    from chimera.bench.numenta.streaming import stream
    from chimera.bench.numenta.verdict import alarms, figures
    from chimera.cli.base.progress import spinning
    from chimera.detection.calibration import FROZEN, as_score
    from chimera.detection.ensemble import Ensemble

    ensemble = Ensemble()
    files = list(read(path))
    labelled, rows = [], 0
    ensemble.warm()
    began = perf_counter()
    with spinning() as said:
        for number, file in enumerate(files):
            said(file.name, number, len(files))
            found = stream(file, ensemble).scores
            rows += len(found)
            if scores is not None:
                write(scores / file.name, file, found)
            if file.windows is not None:
                labelled.append(Scored(file.name, found, file.windows))
        seconds = perf_counter() - began
        said("calibration", len(files), len(files))
        shares, inside = calibrated(ensemble)
    frozen = float(as_score(FROZEN))
    report = r.Report(
        len(files),
        rows,
        seconds,
        ensemble.settings,
        FROZEN,
        figures(labelled, frozen) if labelled else (),
        alarms(labelled, frozen) if labelled else None,
        shares,
        inside,
    )
    console = Console()
    if labelled:
        console.print(r.scores(report))
    else:
        console.print(f"{path} has no windows.json: scores, and nothing to score them against.")
    for line in r.words(report):
        console.print(line, highlight=False)
    if json is not None:
        json.write_bytes(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2))


def write(path: Path, file: SeriesFile, scores: Floats) -> None:
    """One row a data row: its timestamp as it was written, and its score."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["timestamp", "anomaly_score"])
        rows.writerows(
            [stamp, repr(float(score))] for stamp, score in zip(file.stamps, scores, strict=True)
        )
