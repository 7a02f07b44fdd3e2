"""Pipeline, second step: raw batches become curated ones, typed and without doubles (DuckDB)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from chimera.sandbox.estate import contract
from chimera.sandbox.estate.amends import Amends
from chimera.sandbox.estate.contract import connected
from chimera.sandbox.estate.curated import Curated
from chimera.sandbox.estate.desired import write_whole
from chimera.sandbox.estate.lake import batches
from chimera.sandbox.estate.replica import Replica
from chimera.sandbox.estate.shelving import shelve
from chimera.sandbox.estate.step import Blocked, Record, Step

RAW = "raw_orders"


class Transform(Step):
    """Every raw batch in turn; the first that cannot be taken stops the step."""

    name = "transform"
    dataset = "curated_orders"

    def __init__(self, replica: Replica) -> None:
        super().__init__(replica)
        self.curated = Curated(self.folder, self.folder.with_name("late_orders"))
        gauge = replica.meters.gauge
        self.complete = gauge(
            "dataset_complete_share", "Rows that came, of those announced, batch read", "dataset"
        )
        self.lag = gauge("dataset_lag_seconds", "Lateness of a batch's latest row", "dataset")
        self.late = gauge("dataset_late_rows", "Rows that came too late and wait", "dataset")
        self.doubles = gauge("dataset_duplicate_share", "Rows that are there already", "dataset")
        self.amends = Amends(
            replica.wiring.home, self.raw, self.curated, self.memory, lambda q: self.breach(q)
        )
        self.tell()
        rehearse()

    def tell(self) -> None:
        """How the whole dataset is, as it lies there."""
        doubles = sum(len(ids) for ids in self.curated.doubles().values())
        share = doubles / self.curated.rows if doubles else 0.0
        self.doubles.labels(dataset=self.dataset).set(share)
        self.late.labels(dataset=self.dataset).set(self.curated.late_rows)

    @property
    def raw(self) -> Path:
        return self.replica.wiring.home / "data" / "ingest-0" / RAW

    async def once(self) -> None:
        await asyncio.to_thread(self.catch_up)

    def catch_up(self) -> None:
        done = int(self.memory.get("done", 0))
        waiting = [(number, path) for number, path in batches(self.raw) if number > done]
        if not waiting:
            return
        with connected() as db:
            for number, path in waiting:
                self.curate(db, number, path)
                self.memory.put(done=number, newest=self.newest)
        self.curated.forget()
        self.tell()

    def curate(self, db: duckdb.DuckDBPyConnection, number: int, path: Path) -> None:
        """One batch. Raises Blocked for a shape, content or a record that is not as agreed."""
        quality = contract.load(db, path)
        if not quality.reshaped:  # the holes of a column that has another name now say nothing
            self.nulls.labels(dataset=RAW).set(quality.holes)
            self.complete.labels(dataset=RAW).set(quality.complete)
        if breach := self.breach(quality):
            if quality.reshaped:  # once its producer is mended, what it sends has its shape again
                write_whole(self.lake / "state" / "backfill.json", json.dumps({"batch": number}))
            raise Blocked(f"batch {number}: {breach}", str(number), [])
        skip = list(self.skipped) or [-1]
        db.execute(f"DELETE FROM batch WHERE id IN ({','.join(map(str, skip))})")
        if bad := contract.unreadable(db):
            raise Blocked(
                f"batch {number}: Conversion Error: amount {bad[0]['amount']!r} of order "
                f"{bad[0]['id']} is not a DECIMAL(10,2)",
                str(number),
                bad,
            )
        patience = self.replica.setting("allowed_lateness_seconds", 60)
        strict = number <= int(self.memory.get("deduplicated", 0))
        self.replica.quota.claim(contract.rows(db) * 60)
        made = shelve(db, self.curated, number, patience, strict)
        self.lag.labels(dataset=self.dataset).set(made.lag)
        if made.rows:
            self.newest = made.newest
            self.describe(made.rows, contract.holes(db), made.shape)

    def breach(self, quality: contract.Quality) -> str:
        """What a batch breaks of the contract, in words."""
        most = self.replica.setting("max_null_share", 0.05)
        return quality.breach(most, self.replica.setting("min_complete_share", 0.8))

    async def command(self, name: str, arguments: dict[str, Any]) -> dict[str, str]:
        if not self.amends.knows(name, arguments):
            return await super().command(name, arguments)
        async with self.busy:
            said = await asyncio.to_thread(self.amends.make, name, arguments)
        self.tell()
        self.replica.log.warning(f"{name}: {json.dumps(said)}")
        return said

    def details(self) -> dict[str, str]:
        state = {
            "late_rows": self.curated.late_rows,
            "duplicate_rows": sum(len(ids) for ids in self.curated.doubles().values()),
        }
        return {**super().details(), **{key: str(value) for key, value in state.items()}}

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
        done = found[-1][0] if found else self.memory.get("done", 0)
        self.memory.put(done=done, deduplicated=0)
        self.curated.empty()
        self.tell()


def rehearse() -> None:
    """Load what the first batch would: memory that comes minutes after a start looks like a leak."""
    with TemporaryDirectory() as folder, connected() as db:
        path = Path(folder) / "batch.parquet"
        row = (
            "1 AS id, 0.0 AS placed_at, '' AS sku, '1' AS quantity, '1.0' AS amount, '' AS customer"
        )
        db.execute(f"COPY (SELECT {row}) TO '{path}' (FORMAT parquet)")
        contract.load(db, path)
        curated = Curated(Path(folder) / "curated", Path(folder) / "late")
        curated.folder.mkdir()
        shelve(db, curated, 1, 0.0, strict=True)


SERVICE = Transform
