from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from chimera.detection.capacity import time_to_limit
from chimera.detection.capacity_told import spoken
from chimera.domain import Evidence, Principal
from chimera.platform.observability.window import Window
from chimera.tools.base import Look, evidence_id, tool
from chimera.tools.compare_metrics import concerns

AHEAD = timedelta(hours=24)
LIKELY = 0.5


@dataclass(frozen=True)
class Room:
    """How much of a limit is used, and when it may be reached (None: not as far as can be seen)."""

    signal: str
    service: str
    labels: dict[str, str]
    value: float
    limit: float
    left: timedelta | None
    values: tuple[float, ...]
    falls: bool = False  # the limit is below

    @property
    def used(self) -> float:
        """How near it is to its limit: 1 at it."""
        near, far = (self.limit, self.value) if self.falls else (self.value, self.limit)
        return near / (far or 1.0)


@tool
async def capacity(
    names: tuple[str, ...] = (),
    minutes: float = 60,
    at: datetime | None = None,
    *,
    who: Principal,
    window: Window,
) -> Look:
    """What may run out: every signal that has a limit (disks, pools, memory), how much of it is
    used, and when the limit is reached if it goes on like this. Of some names, or of all."""
    end = window.grid_end(at or datetime.now(UTC))
    start = end - timedelta(minutes=minutes)
    reading = await window.read(start, end)
    block = reading.block
    rows = [
        row
        for row, key in enumerate(block.keys)
        if (signal := window.signal(key.signal)).limit is not None
        and signal.bad in ("up", "down")
        and signal.kind.value != "presence"
        and concerns(key, names)
    ]
    if not rows:
        return Look((), (), reading.partial)
    signals = [window.signal(block.keys[row].signal) for row in rows]
    limits = np.array([s.limit for s in signals], dtype=np.float64)
    falls = np.array([s.bad == "down" for s in signals])
    ahead = AHEAD / window.step
    found = time_to_limit(block.values[rows], limits, ahead, falls=falls)
    rooms, evidence = [], []
    for place, row in enumerate(rows):
        key = block.keys[row]
        known = block.values[row][np.isfinite(block.values[row])]
        if not known.size:
            continue
        samples = float(found.middle[place])
        sure = float(found.probability[place]) >= LIKELY and np.isfinite(samples)
        room = Room(
            key.signal,
            key.service,
            dict(key.labels),
            float(known[-1]),
            float(limits[place]),
            window.step * samples if sure else None,
            tuple(float(v) for v in block.values[row]),
            bool(falls[place]),
        )
        rooms.append(room)
        when = f"reaches it in {spoken(room.left)}" if room.left is not None else "does not near it"
        evidence.append(
            Evidence(
                id=evidence_id("capacity", key.query + key.signal, start, end),
                tool="capacity",
                claim=f"{key.signal} of {key.service} is {room.value:.3g} of {room.limit:g}; it {when}",
                query=key.query,
                began=start,
                ended=end,
                link=window.prometheus.link(key.query, end - start),
            )
        )
    return Look(tuple(evidence), tuple(rooms), reading.partial)
