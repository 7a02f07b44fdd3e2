"""`chimera bench detect`: how fast detection is, how large, and beside whom."""

from __future__ import annotations

from typing import Annotated

import typer

from chimera.cli.base.options import Results


def command(
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer series and runs: about a minute.")
    ] = False,
    json: Results = None,
) -> None:
    """Points a second beside River's detectors, from Prometheus to scores, growth and memory."""
    import orjson
    from rich.console import Console

    from chimera.bench.speed import report, shapes, wire
    from chimera.bench.speed.room import room
    from chimera.bench.speed.streamers import MISSING, river_version
    from chimera.cli.base.progress import spinning
    from chimera.detection.ensemble import Ensemble

    most, runs = (10_000, 2) if quick else (100_000, 5)
    console = Console(highlight=False)
    with spinning() as said:
        Ensemble().warm()
        said("a batch of long series", 0, 6)
        batch = shapes.long_batch(44 if quick else 110, 6000 if quick else 10_000, runs)
        said("a step of many series", 1, 6)
        crowd = shapes.Crowd.of(most, 2 * runs + 1)
        step = shapes.step_of_many(crowd, runs)
        said("growth", 2, 6)
        grown = shapes.growth(crowd, (1000, 10_000, 100_000)[: 2 if quick else 3], runs)
        del crowd
        said("from Prometheus to arrays", 3, 6)
        arrays = wire.to_arrays(*((200, 1000) if quick else (1000, 1000)), runs)
        said("from Prometheus to scores", 4, 6)
        scores = wire.to_scores(*((10, 1440) if quick else (50, 1440)), 1 if quick else 2)
        said("memory", 5, 6)
        taken = room(most, 144 if quick else 1440)
    console.print(
        "The chosen settings, learning included, one core unless said. Rates in points a second "
        "by the clock and of processor time; ratios are of processor time, since others may be "
        "at work here too. The best of "
        f"{runs} runs in turn."
    )
    report.table(console, f"One step of {most:,} series whose rings are full", step)
    report.table(console, "A batch of long series", batch)
    console.print(MISSING if river_version() is None else f"River {river_version()}, as it ships.")
    report.linear(console, grown)
    report.memory(console, taken)
    report.parsing(console, arrays)
    report.table(console, "From Prometheus to scores", scores)
    if lacking := wire.missing():
        console.print(f"Not installed here: {', '.join(lacking)}: nothing to compare with.")
    if json is not None:
        found = {
            "river": river_version(),
            "step": {name: one.as_json() for name, one in step.items()},
            "step_ratios": report.ratios(step),
            "batch": {name: one.as_json() for name, one in batch.items()},
            "batch_ratios": report.ratios(batch),
            "growth": {str(size): one.as_json() for size, one in grown.items()},
            "memory": taken.as_json(),
            "to_arrays": {name: one.as_json() for name, one in arrays.items()},
            "to_arrays_over_floor": round(arrays["Chimera"].cpu / arrays["floor"].cpu, 3),
            "to_scores": {name: one.as_json() for name, one in scores.items()},
            "to_scores_ratios": report.ratios(scores),
        }
        json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
