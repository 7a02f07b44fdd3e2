"""A change of variance: the series scatters more than it used to, or less."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from chimera.detection.base import Block, Floats
from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.season import insert, quantile
from chimera.detection.specialists.base import Reasons, Specialist, lasting
from chimera.detection.specialists.hush import exchange, trusted
from chimera.detection.specialists.past import BINS, learn, rarity
from chimera.detection.specialists.records import record

WINDOW = 40  # differences whose scatter is the present one
KEPT = 0.7  # share of them that counts, the small ones: a few spikes are no scatter
GRAIN = 0.25  # of the smallest step between values: finer scatter means nothing
BLOCKS = 50  # stretches of WINDOW samples that are the past
FEW = 4  # of them, before anything is said
TRUST = 400.0  # residuals after which half of what they teach is believed
LEAST = 2.0**-8  # of the usual scatter: less than this is a flat line's business
CHANGE = 0.8  # doublings, 1.75 times: less is no change worth telling
SCALE = 0.1  # doublings: the smallest scale of the tail of past changes
FLOOR = 0.25  # share of the smallest effect worth telling that is no scatter


class Variance(Specialist):
    """The scatter of the last `WINDOW` differences between neighbours, against the usual one.

    Differences, so that neither a level nor a slow season counts as scatter; without the largest
    third, so that a burst does not. What counts is the logarithm of the ratio to the median over
    the past stretches, ranked among all such logarithms so far, up and down apart.
    """

    name = "variance"
    record = record(
        ("last", np.float64),
        ("samples", np.int64),  # differences seen
        ("known", np.int64),  # residuals counted
        ("blocks", np.int64),  # stretches finished
        ("usual", np.float64),
        ("started", np.int64),
        ("ring", np.float32, WINDOW),
        ("sorted", np.float32, WINDOW),
        ("past", np.float32, BLOCKS),
        ("counts", np.uint16, (2, BINS)),
    )

    def run(self, block: Block, values: Floats, records: Any, raw: Floats, why: Reasons) -> None:
        floors = np.zeros(len(values)) if block.floor is None else block.floor * FLOOR
        floors = np.ascontiguousarray(floors, dtype=np.float64)
        follow(values, floors, records, raw, why.seen, why.usual, why.back)

    def words(self, seen: float, usual: float, back: float, step: timedelta) -> str:
        if not usual or not seen:
            return "the scatter between neighbours changed"
        times, which = (seen / usual, "larger") if seen > usual else (usual / seen, "smaller")
        return (
            f"the scatter of the last {lasting(back, step)} is {times:.3g} times {which} than usual"
        )


@compiled
def scatter(ordered: Any) -> float:
    """The mean of the smaller differences."""
    total, many = 0.0, int(KEPT * WINDOW)
    for k in range(many):
        total += np.float64(ordered[k])
    return total / many


@compiled
def grain(ordered: Any) -> float:
    """The smallest step between two values; 0 if there is none."""
    for k in range(WINDOW):
        if ordered[k] > 0.0:
            return float(ordered[k])
    return 0.0


@compiled
def follow(
    values: Any, floors: Any, records: Any, raw: Any, seen: Any, usual: Any, back: Any
) -> None:
    """Go through values (series, time); see `Specialist.run`."""
    room = np.empty(BLOCKS, np.float32)
    for row in range(values.shape[0]):
        record = records[row]
        for column in range(values.shape[1]):
            x = values[row, column]
            if not np.isfinite(x):
                continue
            if not record.started:
                record.started, record.last = 1, x
                continue
            apart = np.float32(min(abs(x - record.last), 1e30))
            record.last = x
            at = record.samples % WINDOW
            if record.samples < WINDOW:
                insert(record.sorted, record.samples, apart)
            else:
                exchange(record.sorted, WINDOW, record.ring[at], apart)
            record.ring[at] = apart
            record.samples += 1
            if record.samples < WINDOW:
                continue
            now = scatter(record.sorted)
            if record.blocks > FEW and record.usual > abs(x) * 1e-12:
                floor = max(floors[row], LEAST * record.usual) + GRAIN * grain(record.sorted)
                ratio = np.log2((now + floor) / (record.usual + floor))
                side = 1 if ratio > 0.0 else 0
                if abs(ratio) >= CHANGE:
                    found = rarity(record.counts[side], record.known, abs(ratio), SCALE)
                    raw[row, column] = found * trusted(float(record.known), TRUST)
                record.known = learn(record.counts, record.known, side, abs(ratio))
                if seen.size:
                    seen[row, column] = now
                    usual[row, column] = record.usual
                    back[row, column] = WINDOW // 2
            if record.samples % WINDOW == 0:  # the newest stretch is not the past yet
                for k in range(min(record.blocks, BLOCKS)):
                    insert(room, k, record.past[k])
                many = min(record.blocks, BLOCKS)
                record.usual = quantile(room, many, 0.5) if many else 0.0
                record.past[record.blocks % BLOCKS] = now
                record.blocks += 1
