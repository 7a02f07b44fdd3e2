"""Files set aside: moved out of the quota with a list of where they were, never deleted."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from chimera.sandbox.estate.desired import write_whole


def number(key: str) -> str:
    """The quarantine's name, made of the effect's key: a repetition finds what it began."""
    return "Q-" + hashlib.sha256(key.encode()).hexdigest()[:12]


def folder(home: Path, name: str) -> Path:
    """Where it lies. Raises ValueError for a name that is none."""
    if not name.startswith("Q-") or not name[2:].isalnum():
        raise ValueError(f"{name!r} is not the name of a quarantine")
    return home / "quarantine" / name


def old_logs(home: Path, service: str) -> list[Path]:
    """Rotated logs and debug dumps of a service's processes; live logs stay."""
    logs = [
        path
        for path in (home / "logs").glob(f"{service}-*.log.*")
        if path.name.split(".")[0].rsplit("-", 1)[0] == service
    ]
    for data in (home / "data").glob(f"{service}-*"):
        logs += [*data.glob("dumps/debug-*.log"), *data.glob("journal.1.jsonl")]
    return sorted(logs)


def take_files(home: Path, service: str, key: str) -> dict[str, str]:
    """Move the old log files away. The list is written first, so a crash leaves nothing unknown."""
    name = number(key)
    place = folder(home, name)
    place.mkdir(parents=True, exist_ok=True)
    listed = place / "manifest.json"
    rows: list[dict[str, str]] = json.loads(listed.read_text())["files"] if listed.exists() else []
    known = {row["from"] for row in rows}
    fresh = [path for path in old_logs(home, service) if str(path.relative_to(home)) not in known]
    rows += [
        {"from": str(path.relative_to(home)), "as": f"{len(rows) + n:05d}-{path.name}"}
        for n, path in enumerate(fresh)
    ]
    write_whole(listed, json.dumps({"service": service, "files": rows}, indent=1))
    size = 0
    for row in rows:
        if (source := home / row["from"]).exists() and not (place / row["as"]).exists():
            os.replace(source, place / row["as"])
        size += (place / row["as"]).stat().st_size if (place / row["as"]).exists() else 0
    return {"quarantine": name, "files": str(len(rows)), "bytes": str(size)}


def holds_files(home: Path, name: str) -> bool:
    return (folder(home, name) / "manifest.json").exists()


def restore_files(home: Path, name: str) -> dict[str, str]:
    """Put them back where they were; one whose place is taken again stays aside."""
    place = folder(home, name)
    back = 0
    for row in json.loads((place / "manifest.json").read_text())["files"]:
        source, there = place / row["as"], home / row["from"]
        if source.exists() and not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, there)
            back += 1
    return {"restored": str(back)}
