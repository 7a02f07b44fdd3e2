"""What the controller wants of a service: the one file that its processes read."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, Field


class Desired(BaseModel):
    """The wished-for state of one service. Kept by the controller, read by its processes."""

    service: str
    release: str
    behaviours: dict[str, str] = Field(default_factory=dict)  # what this release does differently
    configuration: dict[str, str] = Field(default_factory=dict)
    replicas: int = 1
    generation: int = 0  # a process of an older generation is replaced
    pool_generation: int = 0
    paused: bool = False
    credential: str = ""  # a secret; only its fingerprint is ever shown
    accepted: dict[str, float] = Field(default_factory=dict)  # fingerprint: share refused
    lasting: dict[str, dict[str, float]] = Field(default_factory=dict)  # faults a restart keeps
    traffic: dict[str, float] = Field(default_factory=dict)  # load: factors, extra a second
    feed: dict[str, dict[str, float]] = Field(default_factory=dict)  # what is wrong with its export
    previous_release: str | None = None
    previous_configuration: dict[str, str] = Field(default_factory=dict)
    changed: dict[str, str] = Field(default_factory=dict)  # what was changed last, and when


class Wiring(BaseModel):
    """What never changes while the estate runs: where everybody is."""

    home: Path
    seed: int
    database: str
    day_seconds: float
    ports: dict[str, int]  # service: its port
    metrics_ports: dict[str, int]  # instance: its metrics' port

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"


def wish_file(home: Path, service: str) -> Path:
    return home / "run" / f"{service}.json"


def wiring_file(home: Path) -> Path:
    return home / "run" / "wiring.json"


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file in one step: a reader sees the old text or the new, never half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:
        out.write(text)
    os.replace(draft, path)
