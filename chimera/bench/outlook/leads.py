"""How early what runs out is told, how often it is told for nothing, and how often it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from chimera.bench.outlook.synthetic import LIMIT, Filling
from chimera.detection.base import Block, Floats
from chimera.detection.capacity_told import Filling as Told
from chimera.detection.capacity_verdict import runs_out
from chimera.detection.period import common_period
from chimera.domain import Signal, SignalKind

LOOK = 5  # samples between two looks


@dataclass(frozen=True, eq=False)
class Leads:
    """Arrays (series,) in samples: when it was first told (inf: never), how often, taken back."""

    told: Floats
    times: Floats
    taken_back: Floats
    reached: Floats
    began: Floats
    nothing: Floats  # told before anything had begun, or of what never got near the limit
    looked: int  # samples of series

    def lead(self) -> Floats:
        """Samples between being told and the limit, of those that reached it; 0: too late."""
        there = np.isfinite(self.reached)
        return np.asarray(np.clip(self.reached[there] - self.told[there], 0.0, None))

    def share(self, horizon: float) -> Floats:
        """Lead time of those that reached the limit, as a share of the most that was possible:
        the horizon, or the time from the onset on."""
        there = np.isfinite(self.reached)
        most = np.minimum(horizon, self.reached - self.began)[there]
        return np.asarray(np.minimum(self.lead() / np.maximum(most, 1.0), 1.0))


def follow(filling: Filling, history: int, horizon: float, *, start: int = 60) -> Leads:
    """Look at the series every `LOOK` samples, as a watcher does, until each reaches its limit."""
    series, time = filling.values.shape
    signal = Signal(name="filling", kind=SignalKind.DISK, metric="filling", limit=LIMIT, floor=1.0)
    told, times, back, nothing = np.full(series, np.inf), *np.zeros((3, series))
    reached = filling.reached
    before: set[int] = set()
    state: tuple[Told, ...] = ()
    whole = Block.of(filling.values, step=5.0)
    for end in range(start, time, LOOK):
        first = max(end - history, 0)
        keys, past = whole.keys, filling.values[:, first:end]
        block = Block(keys, whole.at(first), timedelta(seconds=5), past)
        verdicts, state = runs_out(
            block, [signal] * series, horizon, state, period=common_period(past)
        )
        active = {v.row for v in verdicts if not v.ended}
        for row in active - before:
            times[row] += end <= reached[row]
            told[row] = min(told[row], end)
            nothing[row] += end <= filling.began[row]
        for verdict in verdicts:
            back[verdict.row] += (
                verdict.ended and verdict.value < LIMIT and end <= reached[verdict.row]
            )
        before = active
    return Leads(told, times, back, reached, filling.began, nothing, series * (time - start))


def false_warnings(
    block: Block, signals: Sequence[Signal], within: float, look: int = 1
) -> tuple[int, int]:
    """How often a recording of a healthy estate is told to run out, and samples that were seen."""
    known = {signal.name: signal for signal in signals}
    given = [known[key.signal] for key in block.keys]
    state: tuple[Told, ...] = ()
    warned: set[tuple[str, datetime]] = set()
    for end in range(30, block.values.shape[1], look):
        past = Block(block.keys, block.start, block.step, block.values[:, :end])
        verdicts, state = runs_out(past, given, within, state, period=common_period(past.values))
        warned |= {(str(v.key.identity), v.began) for v in verdicts}
    limited = sum(signal.limit is not None for signal in given)
    return len(warned), limited * (block.values.shape[1] - 30)
