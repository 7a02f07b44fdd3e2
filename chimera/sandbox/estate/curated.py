"""The curated orders as they lie in the lake: which are where, which are there twice, which came late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from chimera.sandbox.estate.lake import batch_file, batches, forget_old, read


@dataclass(frozen=True)
class Span:
    """One batch: its orders, and the times (Unix seconds) between which they were placed."""

    ids: frozenset[int]
    first: float
    last: float


class Curated:
    """Two folders of Parquet batches: orders in their place, and orders that came too late for it."""

    def __init__(self, folder: Path, late: Path) -> None:
        self.folder, self.late = folder, late
        late.mkdir(parents=True, exist_ok=True)
        self.spans: dict[int, Span] = {}
        self.late_rows = 0
        self.look()

    def look(self) -> None:
        """Read again what is there, after files were exchanged."""
        self.spans = {number: span(path) for number, path in batches(self.folder)}
        self.count_late()

    def count_late(self) -> None:
        self.late_rows = sum(pq.read_metadata(path).num_rows for _, path in batches(self.late))

    def put(self, number: int) -> None:
        """Take note of a batch that was written."""
        self.spans[number] = span(batch_file(self.folder, number))

    def forget(self) -> None:
        """Let go of what is too old, in both folders."""
        forget_old(self.folder)
        there = {number for number, _ in batches(self.folder)}
        self.spans = {number: span for number, span in self.spans.items() if number in there}
        for number, path in batches(self.late):
            if there and number < min(there):
                path.unlink(missing_ok=True)
        self.count_late()

    def empty(self) -> None:
        """Remove all."""
        for folder in (self.folder, self.late):
            for _, path in batches(folder):
                path.unlink(missing_ok=True)
        self.look()

    def elsewhere(self, number: int) -> set[int]:
        """Orders that other batches have."""
        return set().union(*(span.ids for other, span in self.spans.items() if other != number))

    def watermark(self, number: int) -> float:
        """The newest time in the batches before this one, Unix seconds."""
        return max((s.last for other, s in self.spans.items() if other < number), default=0.0)

    @property
    def rows(self) -> int:
        return sum(len(span.ids) for span in self.spans.values())

    def doubles(self) -> dict[int, set[int]]:
        """By batch, the orders that an earlier batch has already."""
        seen: set[int] = set()
        found: dict[int, set[int]] = {}
        for number, here in sorted(self.spans.items()):
            if again := here.ids & seen:
                found[number] = set(again)
            seen |= here.ids
        return found

    def place_of(self, placed_at: float) -> int:
        """The batch into which an order of that time belongs. Raises ValueError if there is none."""
        if not self.spans:
            raise ValueError("there is no batch yet that it could belong to")
        later = [number for number, here in sorted(self.spans.items()) if here.last >= placed_at]
        return later[0] if later else max(self.spans)


def span(path: Path) -> Span:
    table = read(path, columns=["id", "placed_at"])
    times = table.column("placed_at").to_pylist() or [0.0]
    return Span(frozenset(table.column("id").to_pylist()), min(times), max(times))


def write(path: Path, table: pa.Table) -> None:
    """Replace a batch in one step, in the order of ids."""
    draft = path.with_suffix(".part")
    pq.write_table(table.sort_by("id"), draft)
    draft.replace(path)


def without(table: pa.Table, ids: Iterable[int]) -> pa.Table:
    """The rows of all other orders."""
    gone = set(ids)
    return table.filter(pa.array([number not in gone for number in table.column("id").to_pylist()]))
