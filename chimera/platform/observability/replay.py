"""The past as live detection would have seen it: one window a step, read in bounded pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from chimera.detection.base import Block
from chimera.domain import Signal, Unavailable, moment
from chimera.platform.observability.prometheus import Prometheus
from chimera.platform.observability.window import Window

PIECE = timedelta(hours=1)  # of the past that is held beside the window's own history
STEPS = 60  # at least, in a piece: a read of few points costs as much as one of many
SEEN = timedelta(minutes=5)  # how finely the past is searched for its beginning


@dataclass(frozen=True, eq=False)
class Look:
    """What one look would have had to go by."""

    at: datetime
    block: Block  # of the window's history, ending now
    warnings: tuple[str, ...] = ()


class Replay:
    """Slides a live `Window` over the past.

    A window that is one piece longer than detection's history is moved on by one piece at a time,
    and shown step by step: the same samples on the same grid, read by the same code. Held in memory
    are `history` and one piece, whatever the length of the past.
    """

    def __init__(
        self,
        prometheus: Prometheus,
        signals: Sequence[Signal],
        *,
        step: timedelta,
        history: timedelta,
    ) -> None:
        self._prometheus = prometheus
        self.step = step
        self._points = max(int(history / step), 1)
        self._piece = max(int(PIECE / step), STEPS)
        self._window = Window(
            prometheus, signals, step=step, history=step * (self._points + self._piece)
        )

    def looks_in(self, start: datetime, end: datetime) -> int:
        """How many looks there are."""
        first, last = self._window.grid_end(start), self._window.grid_end(end)
        return max(round((last - first) / self.step) + 1, 0)

    async def reaches_back(self, start: datetime, end: datetime) -> datetime | None:
        """The first moment at which anything was scraped; None if nothing was in all that time."""
        step = max(SEEN, (end - start) / 10_000)
        answer = await self._prometheus.range("count(up)", start, end, step)
        times = [float(s.times[0]) for s in answer.series if s.times.size]
        if not times:
            return None
        coarse = moment(min(times))
        exact = await self._prometheus.raw("up", coarse - step, coarse)
        times = [float(s.times[0]) for s in exact.series if s.times.size] or times
        first = self._window.grid_end(moment(min(times)) + self.step)  # the next point of the grid
        return max(start, first)

    async def looks(self, start: datetime, end: datetime) -> AsyncIterator[Look]:
        """Every look from `start` to `end`. Raises Unavailable when Prometheus cannot be read."""
        first, last = self._window.grid_end(start), self._window.grid_end(end)
        while first <= last:
            until = min(first + self.step * (self._piece - 1), last)
            reading = await self._window.advance(until)
            if reading.warnings and not reading.partial:  # it could not be read at all
                raise Unavailable("the past", "be read from Prometheus", reading.warnings[0])
            newest = reading.block.values.shape[1]
            count = round((until - first) / self.step) + 1
            for end_at in range(newest - count + 1, newest + 1):
                yield self._look(reading.block, end_at, reading.warnings)
            first = until + self.step

    def _look(self, block: Block, end: int, warnings: tuple[str, ...]) -> Look:
        """The window that ends before column `end`, with the series that were known by then."""
        columns = slice(max(end - self._points, 0), end)
        scraped, settling = block.scraped, block.settling
        assert scraped is not None
        assert settling is not None
        rows = np.flatnonzero(scraped[:, columns].any(axis=1))
        shown = Block(
            tuple(block.keys[i] for i in rows),
            block.at(columns.start),
            block.step,
            block.values[rows, columns],
            scraped[rows, columns],
            settling[rows, columns],
        )
        return Look(block.at(end - 1), shown, warnings)
