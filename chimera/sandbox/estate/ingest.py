"""Pipeline, first step: new orders from their owner, as raw Parquet batches."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from chimera.sandbox.estate.lake import AGREED, ANNOUNCED, batch_file, batches, forget_old
from chimera.sandbox.estate.orders import renamed
from chimera.sandbox.estate.step import Blocked, Record, Step


class Ingest(Step):
    """Pulls orders after the last one it has; writes one batch a run."""

    name = "ingest"
    dataset = "raw_orders"

    async def once(self) -> None:
        self.heed_backfill()
        last = int(self.memory.get("last_id", 0))
        limit = int(self.replica.setting("batch_rows", 500))
        said = await self.replica.call("orders", f"/export?after={last}&limit={limit}", signed=True)
        rows: list[Record] = said["orders"]
        kept = [row for row in rows if row["id"] not in self.skipped]
        if said["last"] == last:
            return
        number = int(self.memory.get("batch", 0)) + 1
        bad = [row for row in kept if not whole(row)]
        if bad:
            raise Blocked(
                f"batch {number}: quantity {bad[0].get('quantity')!r} of order {bad[0]['id']} "
                "is not a number",
                str(number),
                bad,
            )
        if kept:
            announced = said["count"] - (len(rows) - len(kept))  # without what was set aside
            await asyncio.to_thread(self.write, number, kept, announced)
            self.newest = max(float(row["placed_at"]) for row in kept)
        self.memory.put(last_id=said["last"], batch=number, newest=self.newest)

    def write(self, number: int, rows: list[Record], announced: int) -> None:
        """One batch with the number of rows that the source says it has.

        Strings stay strings, since typing them is the next step's work.
        """
        shaped = [renamed(self.typed(row), self.replica.wish.behaviours) for row in rows]
        table = tabled(shaped).replace_schema_metadata({ANNOUNCED: str(announced)})
        path = batch_file(self.folder, number)
        self.replica.quota.claim(table.nbytes)
        pq.write_table(table, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)
        self.memory.put(first_ids=self.first_ids(number, rows[0]["id"]))
        forget_old(self.folder)
        holes = sum(column.null_count for column in table.columns)
        types = [(field.name, str(field.type)) for field in table.schema]
        self.describe(len(rows), holes / (len(rows) * len(types)), types)

    def typed(self, row: Record) -> Record:
        return row if row.get("quantity") is None else {**row, "quantity": int(row["quantity"])}

    def first_ids(self, number: int, first: int) -> dict[str, int]:
        """The first order of each batch that is still there, to find the way back."""
        known: dict[str, int] = dict(self.memory.get("first_ids", {}))
        known[str(number)] = first
        return dict(list(known.items())[-100:])

    def heed_backfill(self) -> None:
        """A later step could not use a batch because of its shape: export it and the rest again."""
        request = self.lake / "state" / "backfill.json"
        if not request.exists():
            return
        number = int(json.loads(request.read_text())["batch"])
        first = self.memory.get("first_ids", {}).get(str(number))
        if first is not None:
            for found, path in batches(self.folder):
                if found >= number:
                    path.unlink(missing_ok=True)
            self.memory.put(last_id=first - 1, batch=number - 1)
            self.replica.log.info(f"batches from {number} on are pulled again")
        request.unlink(missing_ok=True)

    def rewind(self, records: list[Record]) -> None:
        first = min(int(record["id"]) for record in records)
        self.memory.put(last_id=min(int(self.memory.get("last_id", 0)), first - 1))

    def empty(self) -> None:
        (self.lake / "state" / "backfill.json").unlink(missing_ok=True)


def tabled(rows: list[Record]) -> pa.Table:
    """The rows as they came, one column for each name that any of them has."""
    columns = sorted({key for row in rows for key in row})
    return pa.table({c: pa.array([row.get(c) for row in rows], AGREED.get(c)) for c in columns})


def whole(row: dict[str, Any]) -> bool:
    """Whether the quantity, where there is one, is a whole number."""
    return row.get("quantity") is None or str(row["quantity"]).isdigit()


SERVICE = Ingest
