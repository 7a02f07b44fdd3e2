"""What the engine remembers of each series: one record of fixed size, ready to be put away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

VERSION = 2
MAGIC = b"chimera-memory"

POINTS = 2048  # values remembered, the newest
MIRROR = 8  # the first values again behind the last, so that windows need not wrap
DAY_SLOTS = 288  # parts of a day, five minutes each
SLOTS = 2048  # parts remembered: seven days and an hour, rounded up to a power of two
BINS = 256  # residuals counted by size, four bins to each doubling
RECENT = 64  # values kept sorted, at most
BLOCKS = 64  # stretches of `recent` values remembered, at most
SIGNALS = ("nearest", "season", "extreme", "level")
TAILS = ("nearest", "season", "below", "above", "fallen", "risen")

RECORD = np.dtype(
    [
        ("anchor", np.float64),  # subtracted before values are kept in single precision
        ("count", np.int64),  # samples seen
        ("slot", np.int64),  # the newest part of a day, counted from the epoch
        ("reference", np.float64, 4),  # the first residual of each signal, its unit of size
        ("known", np.int64, 4),  # residuals counted of each signal
        ("held", np.float64),  # strength of the last alarm
        ("held_level", np.float64),  # what the level's move had to do with it, in decades
        ("held_at", np.float64),  # the value that raised it
        ("held_from", np.float64),  # where the series was before it
        ("back", np.int64),  # samples in a row that are back from there
        ("since", np.int64),  # samples since the last alarm
        ("blocks", np.int64),  # stretches finished
        ("usual", np.float64),  # median of the levels of past stretches
        ("usual_of", np.int64),  # how many these are
        ("low", np.float64),  # extremes of the remembered stretches and what came after
        ("high", np.float64),
        ("values", np.float32, POINTS + MIRROR),  # a ring
        ("day_low", np.float32, SLOTS),  # least and greatest value in each part of a day
        ("day_high", np.float32, SLOTS),
        ("tails", np.uint16, (len(TAILS), BINS)),  # how often each size of residual was seen
        ("sorted", np.float32, RECENT),  # the newest values, ascending
        ("block_level", np.float32, BLOCKS),
        ("block_low", np.float32, BLOCKS),
        ("block_high", np.float32, BLOCKS),
    ],
    align=True,
)
BYTES = RECORD.itemsize  # of state a series


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
        records["day_low"] = np.inf
        records["day_high"] = -np.inf
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
