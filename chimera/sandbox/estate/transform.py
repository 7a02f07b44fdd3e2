"""Pipeline, second step: raw batches become curated ones, typed and without doubles (DuckDB)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import duckdb

from chimera.sandbox.estate.desired import write_whole
from chimera.sandbox.estate.lake import batch_file, batches, forget_old
from chimera.sandbox.estate.step import Blocked, Record, Step

COLUMNS = ("id", "placed_at", "sku", "quantity", "amount", "customer")
TYPES = {"quantity": "INTEGER", "amount": "DECIMAL(10,2)"}


class Transform(Step):
    """Every raw batch in turn; the first that cannot be read stops the step."""

    name = "transform"
    dataset = "curated_orders"

    @property
    def raw(self) -> Path:
        return self.replica.wiring.home / "data" / "ingest-0" / "raw_orders"

    async def once(self) -> None:
        await asyncio.to_thread(self.catch_up)

    def catch_up(self) -> None:
        done = int(self.memory.get("done", 0))
        waiting = [(number, path) for number, path in batches(self.raw) if number > done]
        if not waiting:
            return
        db = duckdb.connect(config={"threads": 1, "memory_limit": "128MB"})
        try:
            for number, path in waiting:
                self.curate(db, number, path)
                self.memory.put(done=number, newest=self.newest)
        finally:
            db.close()
        forget_old(self.folder)

    def curate(self, db: duckdb.DuckDBPyConnection, number: int, path: Path) -> None:
        """One batch. Raises Blocked for a shape or a record that is not as agreed."""
        skip = list(self.skipped) or [-1]
        db.execute(
            "CREATE OR REPLACE TEMP TABLE batch AS SELECT * FROM read_parquet(?)", [str(path)]
        )
        db.execute(f"DELETE FROM batch WHERE id IN ({','.join(map(str, skip))})")
        there = {str(row[0]) for row in db.execute("DESCRIBE batch").fetchall()}
        missing = [column for column in COLUMNS if column not in there]
        holes = 1.0 if missing else self.holes(db)
        if holes > self.replica.setting("max_null_share", 0.05):
            write_whole(self.lake / "state" / "backfill.json", json.dumps({"batch": number}))
            raise Blocked(
                f"batch {number}: column {', '.join(missing)} is not there"
                if missing
                else f"batch {number}: {holes:.0%} of a required column is empty",
                str(number),
                [],
            )
        if bad := self.unreadable(db):
            raise Blocked(
                f"batch {number}: Conversion Error: amount {bad[0]['amount']!r} of order "
                f"{bad[0]['id']} is not a DECIMAL(10,2)",
                str(number),
                bad,
            )
        self.write(db, number)

    def holes(self, db: duckdb.DuckDBPyConnection) -> float:
        """The greatest share of empty fields in one column of the batch."""
        shares = ", ".join(f"avg(CASE WHEN {c} IS NULL THEN 1.0 ELSE 0.0 END)" for c in COLUMNS)
        found = db.execute(f"SELECT {shares} FROM batch").fetchone() or ()
        return max((float(share or 0.0) for share in found), default=0.0)

    def unreadable(self, db: duckdb.DuckDBPyConnection) -> list[Record]:
        """The records whose fields are not of their type."""
        wrong = " OR ".join(
            f"({column} IS NOT NULL AND TRY_CAST({column} AS {kind}) IS NULL)"
            for column, kind in TYPES.items()
        )
        found = db.execute(f"SELECT {', '.join(COLUMNS)} FROM batch WHERE {wrong} ORDER BY id")
        return [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()]

    def write(self, db: duckdb.DuckDBPyConnection, number: int) -> None:
        typed = ", ".join(f"CAST({c} AS {TYPES[c]}) AS {c}" if c in TYPES else c for c in COLUMNS)
        db.execute(
            f"CREATE OR REPLACE TEMP TABLE curated AS SELECT {typed} FROM batch"
            " QUALIFY row_number() OVER (PARTITION BY id ORDER BY placed_at DESC) = 1 ORDER BY id"
        )
        facts = db.execute("SELECT count(*), max(placed_at) FROM curated").fetchone()
        rows, newest = (int(facts[0]), facts[1]) if facts else (0, None)
        if not rows:
            return
        path = batch_file(self.folder, number)
        self.replica.quota.claim(rows * 60)
        draft = path.with_suffix(".part")
        db.execute(f"COPY curated TO '{draft}' (FORMAT parquet)")
        draft.replace(path)
        self.newest = float(newest or 0.0)
        shape: list[tuple[str, str]] = [
            (str(row[0]), str(row[1])) for row in db.execute("DESCRIBE curated").fetchall()
        ]
        self.describe(rows, self.holes(db), shape)

    def rewind(self, records: list[Record]) -> None:
        """Back to before the first batch that has one of them; writing a batch again is harmless."""
        wanted = {int(record["id"]) for record in records}
        for number, path in batches(self.raw):
            ids: list[Any] = duckdb.execute(
                "SELECT id FROM read_parquet(?)", [str(path)]
            ).fetchall()
            if wanted & {int(row[0]) for row in ids}:
                self.memory.put(done=min(int(self.memory.get("done", 0)), number - 1))
                return

    def empty(self) -> None:
        found = batches(self.raw)
        self.memory.put(done=found[-1][0] if found else self.memory.get("done", 0))


SERVICE = Transform
