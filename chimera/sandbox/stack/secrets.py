"""The stack's secrets: made at the first start, one file each, readable by their owner alone."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

NAMES = (
    "signing",  # signs orders and approvals
    "operator",  # the local person's token for the API
    "reviewer",  # a second person's, for whoever asked may not approve
    "reader",  # reads the process controller
    "actuator",  # changes through the process controller
    "faults",  # injects faults
    "alertmanager",  # Alertmanager shows it at the webhook
    "postgres",
    "servicenow",
    "slack-bot",
    "slack-signing",
    "teams",
    "page",
)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    os.replace(partial, path)


def load_or_make(folder: Path) -> dict[str, str]:
    """Every secret by its name; those that are not there yet are made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    made: dict[str, str] = {}
    for name in NAMES:
        file = folder / name
        if not file.exists():
            prefix = "xoxb-" if name == "slack-bot" else ""
            write_private(file, prefix + secrets.token_urlsafe(32))
        made[name] = file.read_text().strip()
    return made


def write_json(path: Path, values: Mapping[str, object]) -> Path:
    """Several secrets in one private JSON file, for a program that takes them so."""
    write_private(path, json.dumps(values))
    return path
