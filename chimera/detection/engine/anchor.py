"""What remembered values are relative to, so that single precision is enough for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.codes import encode
from chimera.detection.engine.compiled import compiled


@compiled
def move_anchor(record: Any, anchor: float) -> None:
    """Keep what is remembered relative to another value."""
    by = np.float32(record.anchor - anchor)
    record.anchor = anchor
    for k in range(len(record.values)):
        record.values[k] += by
    record.coded_from += by
    encode(record)
    for k in range(len(record.week)):
        record.week[k] += by
    for k in range(len(record.today)):
        record.today[k, 0] += by
        record.today[k, 1] += by
    for k in range(len(record.sorted)):
        record.sorted[k] += by
    for k in range(len(record.block_level)):
        record.block_level[k] += by
        record.block_low[k] += by
        record.block_high[k] += by
    record.usual += np.float64(by)
    record.low += np.float64(by)
    record.high += np.float64(by)
