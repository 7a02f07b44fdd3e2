"""Peak memory of many series streamed, in a process of their own that does nothing else."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

CHUNK = 10  # columns a block


@dataclass(frozen=True)
class Room:
    """What a stream of blocks took."""

    series: int
    points: int  # a series
    peak: int  # bytes of memory at the most, interpreter and all
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.series * self.points / self.cpu

    def as_json(self) -> dict[str, Any]:
        return {
            "series": self.series,
            "points": self.points,
            "peak_bytes": self.peak,
            "cpu_s": round(self.cpu, 1),
            "wall_s": round(self.wall, 1),
        }


def room(series: int, points: int) -> Room:
    """Stream a process of its own full; what the system says it took at most."""
    asked = [sys.executable, "-m", __name__, str(series), str(points)]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    peak, wall, cpu = json.loads(done.stdout)
    return Room(series, points, int(peak), wall, cpu)


def fill(series: int, points: int) -> None:
    """What the process does: blocks of a few columns, as a reader would hand them over."""
    import numpy as np

    from chimera.detection.base import Block, SeriesKey
    from chimera.detection.ensemble import EPOCH, Ensemble

    random = np.random.default_rng(0)
    keys = tuple(SeriesKey(f"s{n}", "") for n in range(series))
    step = timedelta(minutes=1)
    ensemble, state = Ensemble(), None
    ensemble.warm()
    wall, cpu = perf_counter(), process_time()
    for at in range(0, points, CHUNK):
        values = random.normal(100.0, 5.0, (series, min(CHUNK, points - at)))
        _, state = ensemble.score(Block(keys, EPOCH + at * step, step, values), state)
    spent = perf_counter() - wall, process_time() - cpu
    print(json.dumps([peak(), *spent]))


def peak() -> int:
    """The most memory this process has had, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says here counts the parent's as well
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    fill(int(sys.argv[1]), int(sys.argv[2]))
