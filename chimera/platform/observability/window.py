"""The recent past of every watched series, kept up to date with small reads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from chimera.detection.base import Block
from chimera.domain import NotFound, Refused, Series, Signal, Unavailable, moment
from chimera.platform.observability.grid import Grid
from chimera.platform.observability.prometheus import Prometheus, RawSeries, equals
from chimera.platform.observability.queries import promql, selectors
from chimera.platform.observability.signals import PATIENCE, UP, block_of
from chimera.platform.observability.sliding import fill_counters, slid, still_seen, uncounted

OVERLAP = 4  # newest points that are read again: samples may have been stored late
BEFORE = 4  # points read before the first, which increments and quantiles look back to
PIECE = timedelta(minutes=15)  # of a long raw read


@dataclass(frozen=True, eq=False)
class Reading:
    """What is known of all series now, and how far it can be trusted."""

    block: Block
    blind: bool = False  # Prometheus could not be read, or refused: this is the past only
    partial: bool = False  # Prometheus said that data are missing
    warnings: tuple[str, ...] = ()


class Window:
    """A sliding window of `history` over all signals, on a grid of `step`.

    The first `advance` loads the history in pieces; later ones read the newest samples only. While
    Prometheus is away, or refuses, the window stays as it is, says that it is blind, and catches up later.
    """

    def __init__(
        self,
        prometheus: Prometheus,
        signals: Sequence[Signal],
        *,
        step: timedelta = timedelta(seconds=5),
        history: timedelta = timedelta(hours=1),
    ) -> None:
        self.prometheus = prometheus
        self.signals = {signal.name: signal for signal in signals}
        self.step = step
        self.points = max(int(history / step), 1)
        self._block: Block | None = None

    async def advance(self, now: datetime) -> Reading:
        """Read what is new up to `now`; a block of `history` that ends with the newest point."""
        end = self.grid_end(now)
        missing = self.points
        if self._block is not None:
            missing = int((end - self._block.end) / self.step)
        again = min(max(missing, 0) + OVERLAP, self.points)
        start = end - self.step * (again - 1)
        try:
            fresh = await self.read(start, end)
        except (Unavailable, Refused) as away:  # a token that has expired blinds as well
            past = self._block or self._nothing(end)
            return Reading(past, blind=True, warnings=(str(away),))
        block = slid(self._block, fresh.block, end, self.points)
        fill_counters(block, self.signals)
        self._block = still_seen(block)
        blind = not fresh.block.keys or not _any_scraped(fresh.block)
        return Reading(self._block, blind, fresh.partial, fresh.warnings)

    async def read(
        self,
        start: datetime,
        end: datetime,
        *,
        service: str | None = None,
        labels: Mapping[str, str] | None = None,
        signals: Sequence[str] | None = None,
    ) -> Reading:
        """Read afresh, beside the window. Raises Unavailable, Refused, NotFound (unknown signal)."""
        chosen = [self.signal(name) for name in signals or self.signals]
        return await self._read(chosen, start, end, service, labels)

    async def _read(
        self,
        chosen: Sequence[Signal],
        start: datetime,
        end: datetime,
        service: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Reading:
        points = round((end - start) / self.step) + 1
        grid = Grid(start, self.step, points)
        since = start - self.step * BEFORE
        wanted: dict[str, str] = {UP: UP}
        earlier: dict[str, datetime] = {}
        for signal in chosen:
            narrow = [] if service is None else [equals(signal.service_label, service)]
            narrow += [equals(k, v) for k, v in sorted((labels or {}).items())]
            for name in selectors(signal).values():
                wanted[name] = _narrowed(name, narrow)
                if signal.read == "expiry":
                    earlier[name] = min(since, start - timedelta(seconds=PATIENCE))
        answers = await asyncio.gather(
            *(
                self.prometheus.raw(query, earlier.get(name, since), end, piece=PIECE)
                for name, query in wanted.items()
            )
        )
        raw: dict[str, Sequence[RawSeries]] = {
            name: answer.series for name, answer in zip(wanted, answers, strict=True)
        }
        block = await asyncio.to_thread(block_of, chosen, raw, grid)
        warnings = tuple(dict.fromkeys(w for answer in answers for w in answer.warnings))
        return Reading(block, False, bool(warnings), warnings)

    async def series(
        self,
        signal: str,
        service: str,
        labels: Mapping[str, str] | None,
        start: datetime,
        end: datetime,
    ) -> Series:
        """One series, read afresh; all NaN when there is no sample of it."""
        block, row = await self.fresh_row(signal, service, labels, start, end)
        known = self.signal(signal)
        values = block.values[row] if row is not None else np.full(block.values.shape[1], np.nan)
        return Series(
            signal=signal,
            kind=known.kind,
            service=service,
            labels=dict(labels or {}),
            start=block.start,
            step=self.step,
            values=tuple(float(v) for v in values),
        )

    async def fresh_row(
        self,
        signal: str,
        service: str,
        labels: Mapping[str, str] | None,
        start: datetime,
        end: datetime,
    ) -> tuple[Block, int | None]:
        """A small fresh block and the row of one series in it; no row if it has no samples.

        A counter that its process has not touched since a restart is absent, and that is zero (or,
        for what is divided by it, no traffic), as long as the service's targets are scraped.
        """
        last = self.grid_end(end)
        first = min(self.grid_end(start), last)
        # A label of the series may be missing in its denominator: narrowed by service alone.
        block = (await self.read(first, last, service=service, signals=(signal,))).block
        wanted = tuple(sorted((labels or {}).items()))
        rows = [i for i, k in enumerate(block.keys) if k.service == service and k.labels == wanted]
        if rows:
            return block, rows[0]
        known = self.signal(signal)
        if known.level:
            return block, None
        alive = Signal(name=UP, metric=UP, combine="max", service_label=known.service_label)
        block = (await self._read((alive,), first, last, service)).block
        for row, key in enumerate(block.keys):
            if key.service == service and block.scraped is not None:
                block.scraped[row] &= block.values[row] > 0
                block.values[row] = np.where(block.scraped[row], uncounted(known), np.nan)
                return block, row
        return block, None

    def signal(self, name: str) -> Signal:
        """A configured signal. Raises NotFound."""
        if name not in self.signals:
            known = ", ".join(sorted(self.signals)) or "none"
            raise NotFound(f"no signal {name!r} is watched; these are: {known}")
        return self.signals[name]

    def query(self, signal: str, service: str, labels: Mapping[str, str] | None = None) -> str:
        """The PromQL a person opens for a series."""
        return promql(self.signal(signal), service, labels, step=self.step)

    def grid_end(self, now: datetime) -> datetime:
        """The newest point of the grid at or before `now`."""
        seconds = self.step.total_seconds()
        return moment(now.timestamp() // seconds * seconds)

    def _nothing(self, end: datetime) -> Block:
        empty = np.empty((0, self.points))
        flags = np.empty((0, self.points), dtype=bool)
        return Block((), end - self.step * (self.points - 1), self.step, empty, flags, flags)


def _any_scraped(block: Block) -> bool:
    return block.scraped is not None and bool(block.scraped[:, -OVERLAP:].any())


def _narrowed(selector: str, matchers: Sequence[str]) -> str:
    if not matchers:
        return selector
    extra = ",".join(matchers)
    return f"{selector[:-1]},{extra}}}" if selector.endswith("}") else f"{selector}{{{extra}}}"
