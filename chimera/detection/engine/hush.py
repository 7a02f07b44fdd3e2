"""When an alarm is told: not again for the same trouble, but for a worse one or another."""

from __future__ import annotations

from typing import Any

from chimera.detection.engine.compiled import compiled
from chimera.detection.engine.season import quantile
from chimera.detection.engine.settings import Settings

BACK = 3  # samples in a row, nearer to where it came from, after which the trouble is over
SHIFTED = 6.0  # decades of the level's move that are a trouble of their own after another is over


@compiled
def told(
    record: Any, x: float, total: float, level: float, doubled: bool, settings: Settings
) -> bool:
    """Whether a total is an alarm; keeps what the next one has to beat.

    Surprises end at a cap, so after one that reached it nothing could be more surprising. What is
    told all the same: a value that makes everything remembered, the last alarm's too, twice as wide
    (`doubled`); and a level that moves after the series was back from the last alarm.
    """
    record.since += 1
    away = abs(record.held_at - record.held_from)
    if record.back < BACK:
        record.back = record.back + 1 if abs(x - record.held_from) < 0.5 * away else 0
    if total <= 0.0:
        return False
    if record.since <= settings.hold and total <= settings.rise * record.held:
        other = record.back >= BACK and level >= max(SHIFTED, settings.rise * record.held_level)
        if not (doubled or other):
            return False
        total = max(total, record.held)  # what follows it has the stronger of them to beat
    record.held = total
    record.held_level = level
    record.held_at = x
    size = min(record.count, settings.recent)
    record.held_from = record.anchor + quantile(record.sorted, size, 0.5)
    record.back = 0
    record.since = 0
    return True
