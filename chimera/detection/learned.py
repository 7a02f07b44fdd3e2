"""What the ensemble has learnt of the watched series, carried from look to look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from chimera.detection.base import Block, Floats
from chimera.detection.engine.memory import Memory
from chimera.detection.engine.settings import CHOSEN
from chimera.detection.ensemble import DAY, Ensemble
from chimera.detection.episodes import Episode, episode_key

SAME_DAY = 0.05  # a day that is found this much longer or shorter is the same one

Identity = tuple[str, str, tuple[tuple[str, str], ...]]


class Heard(NamedTuple):
    """What the ensemble says of the newest points."""

    decades: Floats  # (series, points), calibrated -log10 p
    trust: Floats  # (series,) in [0, 1]: how far its past is long enough to say anything


@dataclass(frozen=True, eq=False)
class Learned:
    """The ensemble's memory of every watched series, up to some points before the newest.

    It stays that far behind so that the beginning of what turns out to be a fault is not learnt.
    `follow` changes the memory in place: a `Learned` is used once.
    """

    series: tuple[Identity, ...]
    until: datetime  # the newest point that was learnt
    step: timedelta
    period: timedelta
    memory: Memory
    adopted: frozenset[str] = frozenset()  # anomalies whose level was learnt after all

    def fits(self, block: Block, period: timedelta) -> bool:
        """Whether this can be gone on from; otherwise the block is learnt from its beginning.

        A day that was found for the first time, or is another one, makes other parts of days.
        """
        return abs(self.period - period) <= SAME_DAY * self.period and self.step == block.step


def follow(
    block: Block,
    hidden: Floats,
    points: int,
    period: int,
    episodes: Iterable[Episode],
    before: Learned | None,
) -> tuple[Heard, Learned]:
    """Learn what came before the newest `points`, and judge these; wants `block.floor`.

    `hidden` are the block's values without abnormal stretches: those are never learnt, unless they
    lasted so long that they are adopted. `period` in samples; 0: a day.
    """
    day = period * block.step if period else DAY
    series = tuple(key.identity for key in block.keys)
    past = hidden.shape[1] - points
    adopted = [episode for episode in episodes if episode.adopted]
    names = frozenset(episode.anomaly.id for episode in adopted)
    if before is None or not before.fits(block, day):
        memory = Memory.fresh(len(series))
        _learn(memory, block, hidden, slice(0, past), day)
    else:
        day = before.period  # the parts of a day that are remembered are parts of this one
        memory, new = _rows(before, series)
        after = round((before.until - block.start) / block.step) + 1
        fresh_from = min(max(after, 0), past)
        for episode in adopted:
            if episode.anomaly.id not in before.adopted:
                _adopt(memory, block, episode, fresh_from, day)
        _learn(memory, block, hidden, slice(fresh_from, past), day)
        if new.size:
            fresh = Memory.fresh(len(new))
            _learn(fresh, _only(block, new), hidden[new], slice(0, past), day)
            memory.records[new] = fresh.records
    learned = Learned(series, block.at(past - 1), block.step, day, memory, names)
    newest = replace(_cut(block, slice(past, None)), values=hidden[:, past:])
    known = memory.records["count"].astype(np.float64)
    trust = np.where(known < CHOSEN.few, 0.0, known**2 / (known**2 + CHOSEN.trust**2))
    decades = Ensemble(period=day).look(newest, memory.copy()).decades
    return Heard(decades, trust), learned


def _rows(before: Learned, series: tuple[Identity, ...]) -> tuple[Memory, np.ndarray]:
    """The memory in the block's order, and the rows that are new."""
    if series == before.series:
        return before.memory, np.empty(0, dtype=np.intp)
    at = {name: row for row, name in enumerate(before.series)}
    wanted = np.array([at.get(name, -1) for name in series], dtype=np.intp)
    return before.memory.rows(wanted), np.flatnonzero(wanted < 0)


def _learn(memory: Memory, block: Block, values: Floats, columns: slice, day: timedelta) -> None:
    if len(memory) and columns.start < columns.stop:
        piece = replace(_cut(block, columns), values=values[:, columns])
        Ensemble(period=day).look(piece, memory)


def _adopt(memory: Memory, block: Block, episode: Episode, known: int, day: timedelta) -> None:
    """Learn a level that was hidden while it was abnormal, and is the usual one now."""
    rows = [row for row, key in enumerate(block.keys) if episode_key(key) == episode.key]
    first = max(round((episode.anomaly.began - block.start) / block.step), 0)
    for row in rows:
        one = Memory(memory.records[row : row + 1])
        _learn(one, _only(block, np.array([row])), block.values[[row]], slice(first, known), day)


def _only(block: Block, rows: np.ndarray) -> Block:
    floor = None if block.floor is None else block.floor[rows]
    keys = tuple(block.keys[row] for row in rows.tolist())
    return Block(keys, block.start, block.step, block.values[rows], floor=floor)


def _cut(block: Block, columns: slice) -> Block:
    start = block.at(columns.start)
    return Block(block.keys, start, block.step, block.values[:, columns], floor=block.floor)
