"""Files of the lake set aside under one name, and put back: moved with a list, never deleted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chimera.sandbox.estate import quarantine
from chimera.sandbox.estate.desired import write_whole

LIST = "batches.json"


def begun(home: Path, name: str) -> dict[str, Any] | None:
    """What was set aside under a name, if anything: its facts."""
    listed = quarantine.folder(home, name) / LIST
    if not listed.exists():
        return None
    facts: dict[str, Any] = json.loads(listed.read_text())["facts"]
    return facts


def set_aside(home: Path, name: str, paths: Iterable[Path], facts: dict[str, Any]) -> None:
    """Move files away. The list comes first, so that a repetition goes on where a crash left off."""
    place = quarantine.folder(home, name)
    listed = place / LIST
    if not listed.exists():
        place.mkdir(parents=True, exist_ok=True)
        rows = [
            {"from": str(path.relative_to(home)), "as": f"{number:05d}-{path.parent.name}.parquet"}
            for number, path in enumerate(paths)
        ]
        write_whole(listed, json.dumps({"facts": facts, "files": rows}, indent=1))
    for source, kept in moves(home, name):
        if source.exists() and not kept.exists():
            os.replace(source, kept)


def moves(home: Path, name: str) -> list[tuple[Path, Path]]:
    """Where each file was, and where it is kept."""
    place = quarantine.folder(home, name)
    rows = json.loads((place / LIST).read_text())["files"]
    return [(home / row["from"], place / row["as"]) for row in rows]


def put_back(home: Path, name: str) -> dict[str, Any]:
    """Every file where it was, instead of what took its place; returns the facts.

    Raises ValueError if nothing was set aside under that name.
    """
    facts = begun(home, name)
    if facts is None:
        raise ValueError(f"there is no quarantine {name}")
    back = 0
    for source, kept in moves(home, name):
        if kept.exists():
            os.replace(kept, source)
            back += 1
    listed = quarantine.folder(home, name) / LIST
    listed.replace(listed.with_name("restored.json"))
    return {**facts, "restored": back}
