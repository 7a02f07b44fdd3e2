"""A flat line: the very same value for longer than this series ever keeps one."""

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

TRUST = 15.0  # changes of value after which half of what they teach is believed
LEAST = 4  # repetitions in a row that anybody would call stuck
SAME = 1e-12  # share of the value within which two are the same


class Flat(Specialist):
    """Equal values in a row, compared with the runs there were before.

    A sensor that hangs, an exporter that repeats its last answer, a job that no longer runs (its
    events stay away for longer than ever). A gap neither ends a run nor counts. A series that was
    constant from its beginning is nothing odd: it must have been seen to move. Neither is one that
    comes to its lowest value on the first day and stays for less than one: that may be its night.
    """

    name = "flat"
    record = record(
        ("points", np.float64),  # samples in the counted runs
        ("age", np.int64),  # points of time, samples or not
        ("lowest", np.float64),
        ("changes", np.int64),
        ("last", np.float64),
        ("run", np.int64),  # samples that have the newest value
        ("steps", np.int64),  # points since it came, gaps among them
        ("counts", np.uint16, BINS),  # of repetitions in a row
    )

    def run(self, block: Block, values: Floats, records: Any, raw: Floats, why: Reasons) -> None:
        night = self.period // block.step
        follow(values, night, records, raw, why.seen, why.usual, why.back)

    def words(self, seen: float, usual: float, back: float, step: timedelta) -> str:
        known = f"hardly ever for more than {lasting(usual, step)}"
        if usual <= 1:
            known = "it hardly ever repeats"
        return f"the same value for {lasting(seen, step)}; {known}"


@compiled
def follow(
    values: Any, night: int, records: Any, raw: Any, seen: Any, usual: Any, back: Any
) -> None:
    """Go through values (series, time); see `Specialist.run`. `night` in points."""
    for row in range(values.shape[0]):
        record = records[row]
        for column in range(values.shape[1]):
            x = values[row, column]
            record.steps += 1
            record.age += 1
            if not np.isfinite(x):
                continue
            if record.run == 0:
                record.run, record.steps, record.last, record.lowest = 1, 0, x, x
                continue
            record.lowest = min(record.lowest, x)
            if abs(x - record.last) > SAME * abs(x):
                if record.run > 1 and ended(record.counts, record.run - 1):
                    record.points *= 0.5
                record.points += record.run
                record.changes += 1
                record.run, record.steps, record.last = 1, 0, x
                continue
            record.run += 1
            first = record.age - record.steps <= night and record.steps <= night
            if record.run <= LEAST or (x <= record.lowest and first):
                continue
            found = strength(record.counts, record.points, record.run - 1)
            raw[row, column] = found * trusted(float(record.changes), TRUST)
            if seen.size:
                seen[row, column] = record.run
                usual[row, column] = longest(record.counts, 0.01) + 1
                back[row, column] = record.steps
