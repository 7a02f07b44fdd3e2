"""The orders of a batch into their place: typed, once each, and the late ones beside it (DuckDB)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from chimera.sandbox.estate.contract import COLUMNS, TYPES
from chimera.sandbox.estate.curated import Curated
from chimera.sandbox.estate.lake import batch_file


@dataclass(frozen=True)
class Shelved:
    """What became of one batch."""

    rows: int  # that are in their place
    newest: float  # of all orders so far, Unix seconds
    lag: float  # seconds by which the latest order was late
    shape: list[tuple[str, str]]


def shelve(
    db: duckdb.DuckDBPyConnection, curated: Curated, number: int, patience: float, strict: bool
) -> Shelved:
    """Write the table `batch` as the curated batch of that number.

    An order is late when it was placed more than `patience` seconds before what earlier batches
    have. `strict`: orders that another batch has are left out.
    """
    typed = ", ".join(f"CAST({c} AS {TYPES[c]}) AS {c}" if c in TYPES else c for c in COLUMNS)
    filled = " AND ".join(f"{column} IS NOT NULL" for column in COLUMNS)
    mark = curated.watermark(number)
    db.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT unnest(?::BIGINT[]) AS id",
        [sorted(curated.elsewhere(number))],
    )
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE typed AS SELECT {typed},"
        f" placed_at < {mark - patience} AND id NOT IN (SELECT id FROM known) AS late"
        f" FROM batch WHERE {filled} AND NOT ({strict} AND id IN (SELECT id FROM known))"
        " QUALIFY row_number() OVER (PARTITION BY id ORDER BY placed_at DESC) = 1 ORDER BY id"
    )
    oldest, newest = db.execute("SELECT min(placed_at), max(placed_at) FROM typed").fetchone() or (
        None,
        None,
    )
    keep(db, batch_file(curated.late, number), "late")
    rows = keep(db, batch_file(curated.folder, number), "NOT late")
    if rows:
        curated.put(number)
    curated.count_late()
    shape = [(str(row[0]), str(row[1])) for row in db.execute("DESCRIBE typed").fetchall()]
    return Shelved(
        rows,
        max(mark, float(newest or 0.0)),
        max(0.0, mark - float(oldest)) if oldest and mark else 0.0,
        [column for column in shape if column[0] != "late"],
    )


def keep(db: duckdb.DuckDBPyConnection, path: Path, which: str) -> int:
    """Write these orders as a batch, whole or not at all; returns how many there are."""
    found = db.execute(f"SELECT count(*) FROM typed WHERE {which}").fetchone() or (0,)
    if found[0]:
        draft = path.with_suffix(".part")
        db.execute(
            f"COPY (SELECT {', '.join(COLUMNS)} FROM typed WHERE {which})"
            f" TO '{draft}' (FORMAT parquet)"
        )
        draft.replace(path)
    return int(found[0])
