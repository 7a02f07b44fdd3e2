"""The ensemble: four signals of every series, summed, calibrated, and quiet after an alarm."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np

from chimera.detection.base import Block, Bounds, Flags, Floats, Scorer
from chimera.detection.calibration import surprise
from chimera.detection.engine.memory import LIMITS, SIGNALS, Memory
from chimera.detection.engine.settings import CHOSEN, Settings

DAY = timedelta(days=1)
EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)


class Look(NamedTuple):
    """What the ensemble says of a block; arrays (series, time)."""

    totals: Floats  # sum of the signals' decades; NaN where there is no sample
    alarms: Flags  # True where the total is not hushed by one shortly before it
    parts: Floats  # (series, time, signal) decades in the order of SIGNALS; empty if not asked for
    bounds: Bounds | None  # None if not asked for
    state: Memory

    @property
    def decades(self) -> Floats:
        """The calibrated surprise, -log10 p."""
        return surprise(self.totals)


@dataclass(frozen=True)
class Ensemble(Scorer):
    """Distance from anything seen, from the same time of day, from the extremes and the usual level.

    Each is ranked among its own past, the surprises are added (Fisher's statistic), and one
    calibrated map for all series turns the sum into -log10 p. `period` is what repeats: a day.
    The state is a `Memory`; scoring changes it in place. `threads` share the series of a block.
    """

    settings: Settings = CHOSEN
    period: timedelta = DAY
    threads: int = 1
    memory: Memory | None = field(default=None, repr=False, compare=False)
    name: str = "ensemble"

    def __post_init__(self) -> None:
        for name, most in LIMITS.items():
            if not 1 <= getattr(self.settings, name) <= most:
                raise ValueError(
                    f"the ensemble cannot work with {name} = {getattr(self.settings, name)}: "
                    f"there is room for 1 to {most}; choose a value in between"
                )

    def fit(self, history: Floats) -> Self:
        block = Block.of(history)
        ended = self.look(replace(block, start=block.start - block.values.shape[1] * block.step))
        return replace(self, memory=ended.state)

    def warm(self) -> None:
        """Compile, or read what is compiled, before it is needed."""
        self.look(Block.of(np.zeros((1, 2))), Memory.fresh(1), parts=True, bounds=True)

    def score(self, block: Block, state: Any = None) -> tuple[Floats, Any]:
        look = self.look(block, state)
        return look.decades, look.state

    def expected(self, block: Block, state: Any = None) -> Bounds:
        before = None if state is None else state.copy()
        bounds = self.look(block, before, bounds=True).bounds
        assert bounds is not None
        return bounds

    def look(
        self, block: Block, state: Any = None, *, parts: bool = False, bounds: bool = False
    ) -> Look:
        """Everything there is to say of a block. A given state is changed in place."""
        from chimera.detection.engine.stream import stream  # compiled code: only when it is used

        series, time = block.values.shape
        memory = self._memory(series, state)
        values = np.ascontiguousarray(block.values, dtype=np.float64)
        floors = np.zeros(series) if block.floor is None else np.ascontiguousarray(block.floor)
        totals, alarms = np.empty((series, time)), np.zeros((series, time), dtype=np.bool_)
        pieces = np.zeros((series, time, len(SIGNALS))) if parts else np.empty((0, 0, 0))
        bands = np.empty((series, time, 3)) if bounds else np.empty((0, 0, 0))
        start, step = (block.start - EPOCH) // MICROSECOND, block.step // MICROSECOND
        period = self.period // MICROSECOND

        def run(rows: slice) -> None:
            stream(
                memory.records[rows],
                start,
                step,
                period,
                values[rows],
                floors[rows],
                self.settings,
                totals[rows],
                alarms[rows],
                pieces[rows],
                bands[rows],
            )

        if series and time:
            if self.threads == 1:
                run(slice(0, series))
            else:
                with ThreadPoolExecutor(self.threads) as pool:
                    list(pool.map(run, _shares(series, self.threads)))
        expected = Bounds(bands[..., 0], bands[..., 1], bands[..., 2]) if bounds else None
        return Look(totals, alarms, pieces, expected, memory)

    def _memory(self, series: int, state: Any) -> Memory:
        if state is None:
            return Memory.fresh(series) if self.memory is None else self.memory.copy()
        if not isinstance(state, Memory) or len(state) != series:
            what = f"{len(state)} series" if isinstance(state, Memory) else type(state).__name__
            raise ValueError(
                f"the ensemble cannot go on with {series} series from a state of {what}; "
                "give it the state that the block before ended with, its rows in the same order"
            )
        return state


def _shares(series: int, threads: int) -> Iterator[slice]:
    edges = np.linspace(0, series, threads + 1).astype(int)
    return (slice(a, b) for a, b in pairwise(edges) if b > a)
