"""What a raw batch must be like before it is taken: columns, filled fields, all of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from chimera.sandbox.estate.lake import AGREED, ANNOUNCED

COLUMNS = tuple(AGREED)
TYPES = {"quantity": "INTEGER", "amount": "DECIMAL(10,2)"}


@dataclass(frozen=True)
class Quality:
    """One raw batch as it came. Shares are 0 to 1."""

    missing: tuple[str, ...]  # columns that were agreed and are not there
    reshaped: bool  # it has other columns than agreed
    holes: float  # the greatest share of empty fields in one column
    complete: float  # rows that came, of those that the source announced

    def breach(self, most_holes: float, least_complete: float) -> str:
        """What it breaks of the contract, in words; nothing if it keeps it."""
        if self.missing:
            return f"column {', '.join(self.missing)} is not there"
        if self.holes > most_holes:
            return f"{self.holes:.0%} of a required column is empty"
        if self.complete < least_complete:
            return f"only {self.complete:.0%} of the announced rows came"
        return ""


def connected() -> duckdb.DuckDBPyConnection:
    """A small engine in memory; close it, or use it in a `with`."""
    return duckdb.connect(config={"threads": 1, "memory_limit": "128MB"})


def load(db: duckdb.DuckDBPyConnection, path: Path) -> Quality:
    """Read a batch into the table `batch` and look at it."""
    db.execute("CREATE OR REPLACE TEMP TABLE batch AS SELECT * FROM read_parquet(?)", [str(path)])
    there = {str(row[0]) for row in db.execute("DESCRIBE batch").fetchall()}
    missing = tuple(column for column in COLUMNS if column not in there)
    announced = (pq.read_metadata(path).metadata or {}).get(ANNOUNCED.encode())
    came = db.execute("SELECT count(DISTINCT id) FROM batch").fetchone() or (0,)
    return Quality(
        missing,
        there != set(COLUMNS),
        1.0 if missing else holes(db),
        min(1.0, int(came[0]) / int(announced)) if announced and int(announced) else 1.0,
    )


def holes(db: duckdb.DuckDBPyConnection) -> float:
    """The greatest share of empty fields in one column of the table `batch`."""
    shares = ", ".join(f"avg(CASE WHEN {c} IS NULL THEN 1.0 ELSE 0.0 END)" for c in COLUMNS)
    found = db.execute(f"SELECT {shares} FROM batch").fetchone() or ()
    return max((float(share or 0.0) for share in found), default=0.0)


def rows(db: duckdb.DuckDBPyConnection) -> int:
    """Rows of the table `batch`."""
    found = db.execute("SELECT count(*) FROM batch").fetchone() or (0,)
    return int(found[0])


def unreadable(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The records of the table `batch` whose fields are not of their type."""
    wrong = " OR ".join(
        f"({column} IS NOT NULL AND TRY_CAST({column} AS {kind}) IS NULL)"
        for column, kind in TYPES.items()
    )
    found = db.execute(f"SELECT {', '.join(COLUMNS)} FROM batch WHERE {wrong} ORDER BY id")
    return [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()]
