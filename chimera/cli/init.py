"""Propose what to watch on somebody's own Prometheus, as files to review."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chimera.cli.base.options import Json, address

if TYPE_CHECKING:
    from chimera.platform.coverage.cover import Coverage

LEFT_SHOWN = 15


def command(
    prometheus: Annotated[
        str, typer.Option(callback=address, help="The address of Prometheus' HTTP API.")
    ],
    token: Annotated[
        str | None, typer.Option(help="A bearer token, by reference: env:NAME or file:PATH.")
    ] = None,
    environment: Annotated[
        str, typer.Option(help="What the environment is called.")
    ] = "production",
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to.")] = Path(
        "."
    ),
    step: Annotated[
        float | None, typer.Option(min=1, help="Seconds between two points; found if not given.")
    ] = None,
    max_series: Annotated[
        int, typer.Option(min=1, help="Series that are judged at most; the rest is left out.")
    ] = 2000,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    json: Json = False,
) -> None:
    """Propose what to watch from what a Prometheus says, and write it as files to review."""
    import asyncio
    from datetime import UTC, datetime

    from chimera.cli.base.progress import spinning
    from chimera.domain import Misconfigured, Refused
    from chimera.platform.coverage.cover import cover
    from chimera.platform.coverage.written import estate_file, settings_file
    from chimera.platform.observability import Prometheus
    from chimera.platform.settings import Secret

    files = {name: output / name for name in ("chimera.toml", "estate.yaml")}
    there = [str(path) for path in files.values() if path.exists()]
    if there and not force and not dry_run:
        raise Refused(
            f"{' and '.join(there)} is there already; give --output, or --force to replace"
        )
    try:
        bearer = Secret.parse(token).reveal() if token else None
    except ValueError as error:
        raise Misconfigured(f"--token: {error}") from error
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else None
    reader = Prometheus(prometheus, headers=headers, timeout=60.0)
    with spinning() as said:
        found = asyncio.run(
            cover(
                reader,
                datetime.now(UTC),
                token=bearer,
                environment=environment,
                step=timedelta(seconds=step) if step else None,
                most_series=max_series,
                said=said,
            )
        )
    if not found.proposals:
        raise Refused(
            f"{prometheus} has {len(found.inventory.families)} metrics and none that can be watched; "
            "check that its targets are up, or write [[watch]] rows by hand"
        )
    written: list[Path] = []
    if not dry_run:
        people = (output / "people.toml").is_file()
        text = settings_file(found, prometheus, token, environment, people=people)
        texts = {"chimera.toml": text}
        if found.estate.nodes:
            texts["estate.yaml"] = estate_file(found)
        written = write(output, texts)
    if json:
        show_json(found, written)
    else:
        show(found, written)


def write(folder: Path, texts: dict[str, str]) -> list[Path]:
    """The files, and a signing key beside them if there is none."""
    from chimera.domain import Refused
    from chimera.platform.catalog.estate import load_estate
    from chimera.platform.settings import load_settings

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text)
        key = folder / "signing.key"
        if not key.exists():
            with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32) + "\n")
    except OSError as error:
        raise Refused(
            f"{folder} cannot be written ({error.strerror}); give another --output"
        ) from error
    settings = load_settings(folder / "chimera.toml")
    if settings.estate.file:
        load_estate(settings.estate.file)
    return [*(folder / name for name in texts), key]


def show(found: Coverage, written: list[Path]) -> None:
    from chimera.cli.base.output import say, table

    inventory = found.inventory
    say(
        f"{len(inventory.families)} metrics of {inventory.targets} targets, read every "
        f"{inventory.step.total_seconds():g} s; {len(found.services)} services."
    )
    for note in inventory.notes:
        say(f"Note: {note}.")
    say()
    rows = [
        (
            p.signal.name, p.signal.kind.value, p.signal.service_label, len(p.services), p.groups,
            p.raw, "yes" if p.signal.symptom else "", f"{p.signal.metric}: {p.why}",
        )
        for p in found.proposals
    ]  # fmt: skip
    columns = ("signal", "kind", "service label", "services", "series", "read", "pages", "why")
    table(columns, rows, "nothing to watch")
    say()
    series, raw = sum(p.groups for p in found.proposals), sum(p.raw for p in found.proposals)
    say(
        f"{len(found.proposals)} signals, {series} series to judge, {raw} raw series read at each look."
    )
    nodes = found.estate.nodes
    if nodes:
        edges = sum(len(n.calls) for n in nodes)
        say(f"Topology: {len(nodes)} services and stores, {edges} calls.")
    else:
        say("Topology: no metric tells who calls whom; what begins together will be one incident.")
    say()
    table(("left out", "why"), [(x.metric, x.why) for x in found.left[:LEFT_SHOWN]], "")
    if len(found.left) > LEFT_SHOWN:
        say(f"... and {len(found.left) - LEFT_SHOWN} more, named at the end of chimera.toml")
    untold = sum(found.untold.values())
    if untold:
        shown = ", ".join(f"{name}* ({n})" for name, n in found.untold.most_common(6))
        say(f"{untold} metrics are known to no naming convention: {shown}")
    say()
    if written:
        say("Wrote " + ", ".join(str(path) for path in written) + ": review, then")
        say("  chimera backtest --days 7   # what would have fired")
        say("  chimera doctor              # what has data, and what is missing")
    else:
        say("Nothing was written.")


def show_json(found: Coverage, written: list[Path]) -> None:
    from chimera.cli.base.output import as_json

    as_json(
        {
            "step": found.inventory.step.total_seconds(),
            "metrics": len(found.inventory.families),
            "targets": found.inventory.targets,
            "services": found.services,
            "watch": [
                p.signal.model_dump(mode="json")
                | {"why": p.why, "services": sorted(p.services), "series": p.groups, "raw": p.raw}
                for p in found.proposals
            ],
            "estate": found.estate.model_dump(mode="json"),
            "left_out": [{"metric": x.metric, "why": x.why} for x in found.left],
            "unknown": dict(found.untold),
            "written": [str(path) for path in written],
        }
    )
