"""Where the series is now, how high and low it has been: from stretches of recent values.

The last `recent` values are kept sorted. When that many more have come, their median and extremes
go into the past, of which `blocks` stretches are kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.season import insert, quantile
from chimera.detection.engine.settings import Settings


@compiled
def extreme(record: Any, value: Any) -> tuple[float, bool]:
    """How far the value is beyond everything remembered; 0 within, -1 for the first value."""
    if record.count == 0:
        record.low = value
        record.high = value
        return -1.0, True
    above = value > record.high
    beyond = max(value - record.high, record.low - value, 0.0)
    record.low = min(record.low, np.float64(value))
    record.high = max(record.high, np.float64(value))
    return float(beyond), above


@compiled
def level(record: Any, value: Any, settings: Settings) -> tuple[float, bool]:
    """Distance of the recent values' median from the past's; -1 while either is unknown.

    Wants the value to be in the ring already.
    """
    ordered, recent = record.sorted, settings.recent
    size = min(record.count, recent)
    if size == recent:
        memory = settings.memory
        leaves = record.values[(record.count - recent) % memory]
        first, last = 0, size
        while first < last:
            middle = (first + last) >> 1
            if ordered[middle] < leaves:
                first = middle + 1
            else:
                last = middle
        for k in range(first, size - 1):
            ordered[k] = ordered[k + 1]
        size -= 1
    insert(ordered, size, value)
    if size + 1 < recent or record.usual_of == 0:
        return -1.0, True
    moved = quantile(ordered, recent, 0.5) - record.usual
    return float(abs(moved)), moved > 0.0


@compiled
def finish_stretch(record: Any, settings: Settings, room: Any) -> None:
    """Put the recent values into the past. The newest stretch does not count as usual yet."""
    ordered, recent = record.sorted, settings.recent
    newest = record.blocks % settings.blocks
    record.block_level[newest] = np.float32(quantile(ordered, recent, 0.5))
    record.block_low[newest] = ordered[0]
    record.block_high[newest] = ordered[recent - 1]
    record.blocks += 1
    low, high = np.inf, -np.inf
    usual = 0
    for k in range(min(record.blocks, settings.blocks)):
        low = min(low, np.float64(record.block_low[k]))
        high = max(high, np.float64(record.block_high[k]))
        if k != newest:
            insert(room, usual, record.block_level[k])
            usual += 1
    record.low, record.high = low, high
    record.usual_of = usual
    if usual:
        record.usual = quantile(room, usual, 0.5)
