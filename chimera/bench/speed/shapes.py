"""Points a second in both shapes: many series by one step, and some series that are long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from chimera.bench.numenta.normal import healthy
from chimera.bench.speed.clock import Timed, Ways, race
from chimera.bench.speed.streamers import Streamer, river_version
from chimera.detection.base import Block, Floats, SeriesKey
from chimera.detection.engine.memory import POINTS, Memory
from chimera.detection.ensemble import Ensemble

STEP = 300.0
KINDS = 110  # different series; larger numbers of series repeat their memories
EPOCH = datetime.fromtimestamp(0, UTC)
# What a rival's models have learnt before a step: more than their window or grace; and how many of
# them there are at most: a half-space forest takes more than a megabyte.
GROWN = {"HalfSpaceTrees": (300, 300), "GaussianScorer": (110, 100_000)}


@dataclass(frozen=True, eq=False)
class Crowd:
    """Series in full swing: memories with full rings, and the block that comes next."""

    memory: Memory
    keys: tuple[SeriesKey, ...]
    values: Floats  # (series, time) of what follows
    start: datetime

    @classmethod
    def of(cls, series: int, steps: int) -> Crowd:
        past = POINTS + POINTS // 4
        many = healthy(KINDS, past + steps, STEP, 7)
        memory = Ensemble().look(Block.of(many[:, :past], step=STEP)).state
        rows = np.arange(series) % KINDS
        keys = tuple(SeriesKey(f"s{n}", "") for n in range(series))
        start = EPOCH + timedelta(seconds=STEP * past)
        return cls(memory.rows(rows), keys, many[rows, past:], start)

    def block(self, step: int, series: int | None = None) -> Block:
        """The columns from `step` on, one of them."""
        at = self.start + step * timedelta(seconds=STEP)
        chosen = slice(series)
        values = np.ascontiguousarray(self.values[chosen, step : step + 1])
        return Block(self.keys[chosen], at, timedelta(seconds=STEP), values)


def step_of_many(crowd: Crowd, runs: int) -> dict[str, Timed]:
    """One new point of every series, learnt and scored; of forests there are fewer.

    Their cost is the same whatever their number, and fewer of them fit the caches better.
    """
    blocks = [crowd.block(n) for n in range(2 * runs)]
    waiting = iter(blocks)
    one, two = Ensemble(), Ensemble(threads=2)
    size = len(crowd.keys)
    ways: Ways = {
        "Chimera": (lambda: one.look(next(waiting), crowd.memory), size),
        "Chimera, 2 threads": (lambda: two.look(next(waiting), crowd.memory), size),
    }
    if river_version():
        for kind, (learnt, most) in GROWN.items():
            series = min(most, size)
            rows = np.arange(series) % KINDS
            values = healthy(KINDS, learnt + 4, STEP, 7)
            models = Streamer(kind, series)
            models.run(values[rows, :learnt])
            columns = values[rows, learnt:]

            def some_steps(models: Streamer = models, columns: Floats = columns) -> None:
                for n in range(columns.shape[1]):
                    models.run(columns[:, n : n + 1])

            ways[kind] = (some_steps, columns.size)
    return race(runs, ways)


def long_batch(series: int, time: int, runs: int) -> dict[str, Timed]:
    """Whole series from their first point on."""
    values = healthy(series, time, STEP, 8)
    block = Block.of(values, step=STEP)
    one, two = Ensemble(), Ensemble(threads=2)
    ways: Ways = {
        "Chimera": (lambda: one.look(block), values.size),
        "Chimera, 2 threads": (lambda: two.look(block), values.size),
    }
    if river_version():
        few = {"HalfSpaceTrees": values[:3], "GaussianScorer": values[:44]}
        for kind, some in few.items():

            def afresh(kind: str = kind, some: Floats = some) -> None:
                Streamer(kind, len(some)).run(some)

            ways[kind] = (afresh, some.size)
    return race(runs, ways)


def growth(crowd: Crowd, sizes: tuple[int, ...], runs: int) -> dict[int, Timed]:
    """A step of so many series each."""
    found = {}
    first = 2 * runs
    for size in sizes:
        repeats = max(len(crowd.keys) // size, 1)  # as much work each, so that timing is as good
        taken = [slice(n * size, (n + 1) * size) for n in range(repeats)]
        memories = [Memory(crowd.memory.records[rows]) for rows in taken]
        block = crowd.block(first)
        blocks = [Block(block.keys[r], block.start, block.step, block.values[r]) for r in taken]
        ensemble = Ensemble()

        def work(
            blocks: list[Block] = blocks,
            memories: list[Memory] = memories,
            ensemble: Ensemble = ensemble,
        ) -> None:
            for some, memory in zip(blocks, memories, strict=True):
                ensemble.look(some, memory)

        found[size] = race(runs, {"": (work, size * repeats)})[""]
    return found
