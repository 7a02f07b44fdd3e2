"""The data lake's folder: numbered batches, a step's memory, records set aside."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chimera.sandbox.estate.desired import write_whole

KEPT_BATCHES = 90
ANNOUNCED = "announced"  # of a raw batch: how many rows its source says it has
# What the source of raw orders agreed to send. Told, not guessed: a column that is empty in one batch
# has no other type for that.
AGREED = {
    "id": pa.int64(),
    "placed_at": pa.float64(),
    "sku": pa.string(),
    "quantity": pa.int64(),
    "amount": pa.string(),
    "customer": pa.string(),
}


class Memory:
    """What one step must remember over a restart: JSON in one file, replaced in one step."""

    def __init__(self, lake: Path, step: str) -> None:
        self.path = lake / "state" / f"{step}.json"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.facts: dict[str, Any] = {}
        if self.path.exists():
            self.facts = json.loads(self.path.read_text())

    def get(self, key: str, default: Any) -> Any:
        return self.facts.get(key, default)

    def put(self, **facts: Any) -> None:
        self.facts.update(facts)
        write_whole(self.path, json.dumps(self.facts))


def batch_file(folder: Path, number: int) -> Path:
    return folder / f"batch-{number:07d}.parquet"


def batches(folder: Path) -> list[tuple[int, Path]]:
    """All batches, oldest first."""
    return [(int(path.stem.split("-")[1]), path) for path in sorted(folder.glob("batch-*.parquet"))]


def read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """One file as it lies there. `pq.read_table` would load 50 MB of code for whole folders."""
    with pq.ParquetFile(path) as file:
        return file.read(columns=columns)


def forget_old(folder: Path) -> None:
    """A lake in a bottle: only the newest batches stay."""
    for _, path in batches(folder)[:-KEPT_BATCHES]:
        path.unlink(missing_ok=True)


def schema_fingerprint(columns: list[tuple[str, str]]) -> str:
    """Tells one shape of a dataset from another: names and types, in order of names."""
    return hashlib.sha256(json.dumps(sorted(columns)).encode()).hexdigest()[:10]
