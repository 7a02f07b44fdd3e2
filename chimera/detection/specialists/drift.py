"""A slow drift: the same time of day is a little higher, or lower, on every day."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np

from chimera.detection.base import Block, Floats
from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.memory import DAY_SLOTS
from chimera.detection.engine.season import part_of_day
from chimera.detection.specialists.base import EPOCH, MICROSECOND, Reasons, Specialist, lasting
from chimera.detection.specialists.records import record

PARTS = 8  # stretches of a day, three hours each
KEPT = 32  # stretches that the line is laid through: four days
FEW = 20  # of them, before anything is said
CAP = 12.0
NOISE = 1e-9  # share of the level below which nothing is a scatter


class Drift(Specialist):
    """A straight line through the means of the last four days' stretches, each part of day apart.

    The line's slope is compared with its own uncertainty: Student's t with the days' own scatter,
    made wider where one stretch resembles the next. A rise that is certain and small is nothing
    worth telling: over the whole time it must be at least what the samples of a stretch scatter,
    and the smallest effect worth telling. It speaks at the end of a stretch, after two and a half
    days at the earliest; a leak that takes hours is the ensemble's.
    """

    name = "drift"
    record = record(
        ("anchor", np.float64),
        ("stretch", np.int64),  # the present one, counted from the epoch
        ("samples", np.int64),  # in it
        ("sum", np.float64),
        ("squares", np.float64),
        ("scatter", np.float64),  # usual deviation of a sample from its stretch's mean
        ("stretches", np.int64),  # that the scatter is from
        ("strength", np.float64),
        ("rise", np.float64),
        ("line", np.float64),  # what the rise is unsure by
        ("started", np.int64),
        ("means", np.float32, KEPT),  # a ring; NaN where a stretch had no sample
    )

    def pace(self, step: timedelta) -> float:
        return max(self.period / PARTS / step, 1.0)

    def run(self, block: Block, values: Floats, records: Any, raw: Floats, why: Reasons) -> None:
        floors = np.zeros(len(values)) if block.floor is None else block.floor
        start = (block.start - EPOCH) // MICROSECOND
        step, period = block.step // MICROSECOND, self.period // MICROSECOND
        floors = np.ascontiguousarray(floors, dtype=np.float64)
        follow(start, step, period, values, floors, records, raw, why.seen, why.usual, why.back)

    def words(self, seen: float, usual: float, back: float, step: timedelta) -> str:
        way = "risen" if seen > 0 else "fallen"
        return (
            f"has {way} by {abs(seen):.3g} in {lasting(back, step)}, "
            f"the time of day left out; {usual:.2g} could be chance"
        )


@compiled
def slope(means: Any, newest: int, level: Any) -> tuple[float, float, float]:
    """Decades, rise over the kept stretches and its standard error. `newest` is a stretch's number.

    Each part of the day has a level of its own: what is fitted are the deviations from it.
    """
    known = 0
    top, bottom, parts = 0.0, 0.0, 0
    y, t = level[0], level[1]
    for k in range(KEPT):
        y[k] = means[(newest - k) % KEPT]
        t[k] = -float(k)
    for part in range(PARTS):
        many, sum_y, sum_t = 0, 0.0, 0.0
        for k in range(part, KEPT, PARTS):
            if np.isfinite(y[k]):
                many += 1
                sum_y += y[k]
                sum_t += t[k]
        if many:
            parts += 1
        known += many
        for k in range(part, KEPT, PARTS):
            if np.isfinite(y[k]):
                y[k] -= sum_y / many
                t[k] -= sum_t / many
                top += y[k] * t[k]
                bottom += t[k] * t[k]
    free = known - parts - 1
    if known < FEW or free < 6 or bottom <= 0.0:
        return 0.0, 0.0, 0.0
    by = top / bottom
    left, alike, before = 0.0, 0.0, np.nan
    for k in range(KEPT):
        if not np.isfinite(y[k]):
            before = np.nan
            continue
        rest = y[k] - by * t[k]
        left += rest * rest
        if np.isfinite(before):
            alike += rest * before
        before = rest
    if left <= 0.0:
        left = 1e-30
    # What neighbours have in common is seen too small after a fit through so few.
    alike = min(max(alike / left + 2.0 / known, 0.0), 0.9)
    wider = (1.0 + alike) / (1.0 - alike)
    error = math.sqrt(left / free / bottom * wider)
    own = max(free / wider, 3.0)  # deviations that are not their neighbours' again
    odd = by / error
    normal = math.sqrt(own * math.log1p(odd * odd / own)) * (1.0 - 0.75 / own)
    chance = math.erfc(min(normal, 8.0) / math.sqrt(2.0))
    return min(-math.log10(chance), CAP), by * (KEPT - 1), error * (KEPT - 1)


@compiled
def close(record: Any, stretch: int, floor: float, room: Any) -> None:
    """End the present stretch, and the empty ones before `stretch`; judge what is then known."""
    many = record.samples
    mean = record.sum / many
    scatter = math.sqrt(max(record.squares / many - mean * mean, 0.0))
    record.stretches += 1
    record.scatter += (scatter - record.scatter) / min(record.stretches, KEPT)
    record.means[record.stretch % KEPT] = mean
    found, rise, error = slope(record.means, record.stretch, room)
    level = abs(record.anchor) + abs(mean)
    least = max(record.scatter, floor, NOISE * level)
    record.strength = found if abs(rise) >= least else 0.0
    record.rise, record.line = rise, error
    for skipped in range(max(record.stretch + 1, stretch - KEPT), stretch):
        record.means[skipped % KEPT] = np.nan
    record.stretch = stretch
    record.samples, record.sum, record.squares = 0, 0.0, 0.0


@compiled
def follow(
    start: int,
    step: int,
    period: int,
    values: Any,
    floors: Any,
    records: Any,
    raw: Any,
    seen: Any,
    usual: Any,
    back: Any,
) -> None:
    """Go through values (series, time); see `Specialist.run`. Times in microseconds."""
    room = np.empty((2, KEPT), np.float64)
    for row in range(values.shape[0]):
        record = records[row]
        for column in range(values.shape[1]):
            x = values[row, column]
            if np.isfinite(x):
                stretch = part_of_day(start + column * step, period) // (DAY_SLOTS // PARTS)
                if not record.started:
                    record.started, record.anchor, record.stretch = 1, x, stretch
                    record.means[:] = np.nan
                if stretch > record.stretch and record.samples:
                    close(record, stretch, floors[row], room)
                off = x - record.anchor
                record.samples += 1
                record.sum += off
                record.squares += off * off
            raw[row, column] = record.strength
            if seen.size and record.strength > 0.0:
                seen[row, column] = record.rise
                usual[row, column] = record.line
                back[row, column] = KEPT * period // (PARTS * step)
