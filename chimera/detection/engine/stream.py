"""The loop over a block: every value of every series, remembered and judged."""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.ahead import fetch, fetch_head, fetch_value
from chimera.detection.engine.anchor import move_anchor
from chimera.detection.engine.band import band
from chimera.detection.engine.codes import OFTEN, SAMPLE, spread
from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.hush import told
from chimera.detection.engine.level import extreme, finish_stretch, level
from chimera.detection.engine.memory import DAYS, MIRROR
from chimera.detection.engine.nearest import keep, nearest_of_all
from chimera.detection.engine.season import season
from chimera.detection.engine.settings import Settings
from chimera.detection.engine.sift import ROOM, WIDTH, nearest, sift
from chimera.detection.engine.tails import count, decades
from chimera.detection.engine.week import ROW, go_on, part_of_day, remember

FEW = 8  # columns of a block whose time goes into waiting for memory
INSIDE = 1.001  # of its unit: at a bin's edge rounding would decide, and levels repeat
WIDEST = 1e18  # a value further from its anchor counts as this far


@compiled
def judge(
    record: Any, signal: int, tail: int, residual: float, floor: float, settings: Settings
) -> float:
    """The surprise of one residual in decades, and its place among those to come.

    Seldom is up as usual as down: beyond the highest and beyond the lowest have tails of their
    own, and so have a risen and a fallen level.
    """
    if residual < 0.0:
        return 0.0
    size = max(residual - floor, 0.0)
    surprise = 0.0
    if size > 0.0:
        if record.reference[signal] == 0.0:
            record.reference[signal] = size / INSIDE
        unit = record.reference[signal]
        if record.known[signal] >= settings.few:
            surprise = decades(
                record.tails[tail],
                record.known[signal],
                size / unit,
                settings.tail,
                settings.cap,
                floor / unit,
                record.top[tail],
            )
    known = np.float64(record.known[signal])
    count(record, signal, tail, size)
    return float(surprise * known**2 / (known**2 + settings.trust**2))


@compiled
def stream(
    records: Any,
    start: int,
    step: int,
    period: int,
    values: Any,
    floors: Any,
    settings: Settings,
    totals: Any,
    alarms: Any,
    parts: Any,
    bands: Any,
) -> None:
    """Score values (series, time) into `totals` and `alarms`; unless empty, `parts` and `bands`.

    `start` and `step` in microseconds since the epoch. A total is the sum of the signals' decades,
    NaN where there is no value. An alarm is a total that is not hushed by one shortly before it.
    """
    window = np.empty(MIRROR, np.float32)
    room = np.empty(SAMPLE, np.float32)
    near, lowest = np.empty(ROOM, np.uint16), np.empty(WIDTH, np.uint16)
    folded = np.empty((2, (2 * settings.around + 1) * ROW), np.float32)
    pair = np.empty((2, DAYS), np.float64)
    many = values.shape[1] <= FEW
    where: Any = np.int64(records.ctypes.data)
    size: Any = np.int64(records.strides[0])
    for row in range(values.shape[0]):
        record = records[row]
        if many and row + 1 < values.shape[0]:
            place = where + (row + 1) * size
            fetch_head(place + size)
            fetch(records[row + 1], place, part_of_day(start, period), settings)
        for column in range(values.shape[1]):
            x = values[row, column]
            slot = part_of_day(start + column * step, period)
            if record.count > 0:
                go_on(record, max(slot, record.slot))  # time does not run backwards
            if bands.size:
                least = settings.floor * floors[row]
                expected = band(record, least, settings, pair)
                bands[row, column, 0] = expected[0]
                bands[row, column, 1] = expected[1]
                bands[row, column, 2] = expected[2]
            if not np.isfinite(x):
                totals[row, column] = np.nan
                continue
            seen = record.count
            if seen == 0:
                record.anchor = x
                record.slot = slot
            elif seen in (16, 256, 4096):
                past = np.float64(record.sorted[min(seen, settings.recent) // 2])
                move_anchor(record, record.anchor + past)
            value = np.float32(min(max(x - record.anchor, -WIDEST), WIDEST))
            floor = max(settings.floor * floors[row], abs(x) * 1e-12)
            comparable = keep(record, value, settings, window)
            likely = sift(record, settings, window, near, lowest) if comparable else -1
            if many:
                fetch_value(where + row * size, likely)  # wanted when the others are done
            daily = season(record, value, settings, room, folded)
            remember(record, value)
            width = record.high - record.low
            beyond, top = extreme(record, value)
            moved, rose = level(record, value, settings)
            alike = -1.0
            if likely >= 0:
                alike = nearest(record, settings, window, near, lowest, likely)
            elif comparable:
                alike = nearest_of_all(record, settings, window)
            record.count = seen + 1
            if record.count % settings.recent == 0:
                finish_stretch(record, settings, room)
                if record.blocks < OFTEN or record.blocks % OFTEN == 0:
                    spread(record, settings, room)
            wide = floor * np.sqrt(np.float64(settings.window))
            first = judge(record, 0, 0, alike, wide, settings)
            second = judge(record, 1, 1, daily, floor, settings)
            third = judge(record, 2, 3 if top else 2, beyond, floor, settings)
            fourth = judge(record, 3, 5 if rose else 4, moved, floor, settings)
            total = first + second + third + fourth
            totals[row, column] = total
            if parts.size:
                parts[row, column, 0] = first
                parts[row, column, 1] = second
                parts[row, column, 2] = third
                parts[row, column, 3] = fourth
            if told(record, x, total, fourth, beyond > width, settings):
                alarms[row, column] = True
