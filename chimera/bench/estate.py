"""`chimera bench estate`: break the practice estate in every way there is, and score Chimera."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from chimera.cli.base.options import Light, OwnHome, Results, WarmUp

SEEDS = 3


def command(
    fault: Annotated[str | None, typer.Option(help="Only this fault.")] = None,
    target: Annotated[str | None, typer.Option(help="Where; with --fault.")] = None,
    magnitude: Annotated[float | None, typer.Option(help="How strong; with --fault.")] = None,
    duration: Annotated[
        float | None, typer.Option(help="Seconds after which it ends by itself; with --fault.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Only this seed; 1 is each fault's own target and strength.")
    ] = None,
    table: Annotated[
        str, typer.Option("--set", help="Which faults: core, data (faults of data) or all.")
    ] = "core",
    quick: Annotated[bool, typer.Option("--quick", help="Five faults, one seed.")] = False,
    healthy: Annotated[
        float | None, typer.Option(metavar="MINUTES", help="Only watch a healthy estate.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Go on from, and add to, these results.")
    ] = None,
    json: Results = None,
    home: OwnHome = None,
    warm_up: WarmUp = None,
    light: Light = False,
) -> None:
    """Every fault three times on a stack of its own; detection, cause, repair and harm scored."""
    from chimera.bench.ground.ending import run
    from chimera.bench.trial import cases as c
    from chimera.bench.trial.run import Bench
    from chimera.domain import Misconfigured, NotFound
    from chimera.sandbox.faults.catalogue import faults

    known = faults()
    if fault is None and (target or magnitude is not None or duration is not None):
        raise Misconfigured("--target, --magnitude and --duration need --fault; name the fault")
    if fault is not None and fault not in known:
        raise NotFound(f"there is no fault {fault!r}; there are {', '.join(sorted(known))}")
    names = c.names_in(known, table)
    seeds = [seed] if seed is not None else [1] if quick else list(range(1, SEEDS + 1))
    if healthy is not None:
        calm = c.case_of(known["none"], seed or 1)
        chosen = [calm.model_copy(update={"watch": healthy * 60})]
    elif fault is not None:
        given = [seed] if seed is not None else [1]
        chosen = [c.case_of(known[fault], s, target, magnitude, duration) for s in given]
    else:
        chosen = c.table_of(known, c.QUICK if quick else names, seeds)
    results = resume or default_results()
    results.parent.mkdir(parents=True, exist_ok=True)
    bench = Bench(chosen, results, json, home, light, warm_up)
    run(bench.run())


def default_results() -> Path:
    """A new file in the user's state folder."""
    import platformdirs

    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Path(platformdirs.user_state_dir("chimera")) / "bench" / f"estate-{now}.jsonl"
