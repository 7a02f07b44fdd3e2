"""What the engine remembers of each series: one record of fixed size, ready to be put away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

VERSION = 3
MAGIC = b"chimera-memory"

POINTS = 2000  # values remembered, the newest
MIRROR = 8  # the first values again behind the last, so that windows need not wrap
DAY_SLOTS = 288  # parts of a day, five minutes each
DAYS = 7  # days of which each part is remembered
TODAY = 20  # the newest parts, until they take the place of what was a week before
BINS = 256  # residuals counted by size, four bins to each doubling
RECENT = 50  # values kept sorted, at most
BLOCKS = 51  # stretches of `recent` values remembered, at most
SIGNALS = ("nearest", "season", "extreme", "level")
TAILS = ("nearest", "season", "below", "above", "fallen", "risen")

RECORD = np.dtype(
    [
        ("anchor", np.float64),  # subtracted before values are kept in single precision
        ("count", np.int64),  # samples seen
        ("slot", np.int64),  # the newest part of a day, counted from the epoch
        ("reference", np.float64, 4),  # the first residual of each signal, its unit of size
        ("known", np.int32, 4),  # residuals counted of each signal
        ("held", np.float64),  # strength of the last alarm
        ("held_level", np.float64),  # what the level's move had to do with it, in decades
        ("held_at", np.float64),  # the value that raised it
        ("held_from", np.float64),  # where the series was before it
        ("back", np.int32),  # samples in a row that are back from there
        ("since", np.int32),  # samples since the last alarm
        ("blocks", np.int32),  # stretches finished
        ("usual", np.float64),  # median of the levels of past stretches
        ("usual_of", np.int32),  # how many these are
        ("low", np.float64),  # extremes of the remembered stretches and what came after
        ("high", np.float64),
        ("coded_from", np.float32),  # the value whose code is 0
        ("coded_by", np.float32),  # codes to each unit of the values; 0: no telling them apart
        ("top", np.uint8, len(TAILS)),  # no bin above it has a count
        ("sorted", np.float32, RECENT),  # the newest values, ascending
        ("today", np.float32, (TODAY, 2)),  # least and greatest value in the newest parts
        ("codes", np.uint8, POINTS + MIRROR),  # the values, a byte each
        ("tails", np.uint16, (len(TAILS), BINS)),  # how often each size of residual was seen
        ("week", np.float32, DAY_SLOTS * 2 * DAYS),  # of the parts before: see week.py
        ("values", np.float32, POINTS + MIRROR),  # a ring
        ("block_level", np.float32, BLOCKS),
        ("block_low", np.float32, BLOCKS),
        ("block_high", np.float32, BLOCKS),
    ],
    align=True,
)
# What settings may ask of a record of this size.
LIMITS = {
    "window": MIRROR,
    "memory": POINTS,
    "days": DAYS,
    "around": TODAY - 1,
    "recent": RECENT,
    "blocks": BLOCKS,
}
BYTES = RECORD.itemsize  # of state a series
EMPTY = np.array([np.inf, -np.inf], np.float32)  # a part of a day without a value


@dataclass(frozen=True, eq=False)
class Memory:
    """The state of many series, one record each. Scoring a block changes it in place."""

    records: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.records)

    @classmethod
    def fresh(cls, series: int) -> Self:
        """The memory of series that nothing is known of."""
        records = np.zeros(series, RECORD)
        records["today"] = EMPTY
        records["week"] = np.tile(EMPTY.repeat(DAYS), DAY_SLOTS)
        return cls(records)

    def copy(self) -> Memory:
        return Memory(self.records.copy())

    def rows(self, wanted: npt.NDArray[np.intp]) -> Memory:
        """The memory of these rows, in this order; -1 is a series that was not there before."""
        chosen = Memory.fresh(len(wanted))
        old = wanted >= 0
        chosen.records[old] = self.records[wanted[old]]
        return chosen

    def save(self) -> bytes:
        """All of it as bytes. Only the same version reads them."""
        head = MAGIC + bytes([VERSION]) + BYTES.to_bytes(4, "little")
        return head + self.records.tobytes()

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """What `save` gave. Raises ValueError for anything else, and for another version."""
        start = len(MAGIC) + 5
        if saved[: len(MAGIC)] != MAGIC or len(saved) < start:
            raise ValueError("this is no saved memory of a detector; start from a fresh one")
        version = saved[len(MAGIC)]
        size = int.from_bytes(saved[len(MAGIC) + 1 : start], "little")
        if version != VERSION or size != BYTES or (len(saved) - start) % BYTES:
            raise ValueError(
                f"this memory is of version {version} with {size} bytes a series, and not of "
                f"version {VERSION} with {BYTES}; start from a fresh one"
            )
        return cls(np.frombuffer(saved, RECORD, offset=start).copy())
