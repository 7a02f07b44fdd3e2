"""Time, on a machine that others use too: the least of several runs, wall clock and processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time

Ways = dict[str, tuple[Callable[[], object], int]]  # what to call, how many points it works on


@dataclass(frozen=True)
class Timed:
    """One way to do some work: the best of its runs."""

    wall: float  # seconds
    cpu: float  # seconds of processor, all threads of this process
    points: int

    @property
    def rate(self) -> float:
        """Points a second of processor time: what a busy neighbour changes least."""
        return self.points / self.cpu

    @property
    def wall_rate(self) -> float:
        return self.points / self.wall

    def as_json(self) -> dict[str, float]:
        return {
            "points": self.points,
            "wall_s": round(self.wall, 4),
            "cpu_s": round(self.cpu, 4),
            "points_per_cpu_s": round(self.rate),
            "points_per_wall_s": round(self.wall_rate),
        }


def race(runs: int, ways: Ways) -> dict[str, Timed]:
    """Each way in turn, `runs` times over.

    In turn, so that a neighbour who wakes up is unfair to all of them alike.
    """
    best: dict[str, Timed] = {}
    for _ in range(runs):
        for name, (work, points) in ways.items():
            wall, cpu = perf_counter(), process_time()
            work()
            now = Timed(perf_counter() - wall, process_time() - cpu, points)
            past = best.get(name, now)
            best[name] = Timed(min(past.wall, now.wall), min(past.cpu, now.cpu), points)
    return best
