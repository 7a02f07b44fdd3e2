"""Missing data: a stretch without samples that is longer than this series' gaps are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from chimera.detection.base import Block, Floats
from chimera.detection.engine.compiled import compiled
from chimera.detection.specialists.base import Reasons, Specialist, lasting
from chimera.detection.specialists.hush import trusted
from chimera.detection.specialists.records import record
from chimera.detection.specialists.runs import BINS, ended, longest, strength

LEAST = 3  # samples in a row whose loss is more than a hiccup
TRUST = 60.0  # samples after which half of what they teach is believed


class Gap(Specialist):
    """Samples that are missing in a row, compared with the gaps there were before.

    What is missing before a series' first sample is no gap. Where the block says that the target
    was scraped, no value means that nothing happened, and that is no gap either.
    """

    name = "gap"
    record = record(
        ("points", np.float64),  # since the first sample, of counted runs and between them
        ("samples", np.int64),
        ("run", np.int64),  # samples missing now
        ("counts", np.uint16, BINS),
    )

    def run(self, block: Block, values: Floats, records: Any, raw: Floats, why: Reasons) -> None:
        quiet = np.zeros((0, 0), np.bool_) if block.scraped is None else block.scraped
        follow(values, np.ascontiguousarray(quiet), records, raw, why.seen, why.usual, why.back)

    def words(self, seen: float, usual: float, back: float, step: timedelta) -> str:
        known = f"gaps last {lasting(usual, step)} at most" if usual else "there were no gaps"
        return f"no data for {lasting(seen, step)}; {known}"


@compiled
def follow(
    values: Any, scraped: Any, records: Any, raw: Any, seen: Any, usual: Any, back: Any
) -> None:
    """Go through values (series, time); see `Specialist.run`."""
    for row in range(values.shape[0]):
        record = records[row]
        for column in range(values.shape[1]):
            if np.isfinite(values[row, column]):
                if record.run:
                    if ended(record.counts, record.run):
                        record.points *= 0.5
                    record.run = 0
                record.samples += 1
                record.points += 1.0
                continue
            if record.samples == 0:
                continue
            record.points += 1.0
            if scraped.size and scraped[row, column]:
                continue
            record.run += 1
            if record.run < LEAST:
                continue
            found = strength(record.counts, record.points - record.run, record.run)
            raw[row, column] = found * trusted(float(record.samples), TRUST)
            if seen.size:
                seen[row, column] = record.run
                usual[row, column] = longest(record.counts, 0.01)
                back[row, column] = record.run - 1
