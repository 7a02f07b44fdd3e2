"""Everybody who judges a series, asked together: the ensemble and the specialists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from chimera.detection.base import Block, Bounds
from chimera.detection.cycle import DAY, cycle
from chimera.detection.engine.memory import Memory
from chimera.detection.ensemble import MICROSECOND, Ensemble, Look
from chimera.detection.specialists import SPECIALISTS
from chimera.detection.specialists.base import Reasons, Sighting, Specialist
from chimera.detection.specialists.records import Records

VERSION = 1
MAGIC = b"chimera-panel"
FIRST = 96  # samples after which what repeats is looked for; again at twice as many, and so on
BROAD = 13  # parts of a day that are the same time of day, see `Settings.around`


@dataclass(frozen=True, eq=False)
class State:
    """What is remembered of many series by everybody. Judging a block changes it in place."""

    period: timedelta
    memory: Memory
    records: tuple[Records, ...]  # in the order of SPECIALISTS

    def __len__(self) -> int:
        return len(self.memory)

    def copy(self) -> State:
        return State(self.period, self.memory.copy(), tuple(r.copy() for r in self.records))

    def rows(self, wanted: npt.NDArray[np.intp]) -> State:
        """The state of these rows, in this order; -1 is a series that was not there before."""
        return State(
            self.period, self.memory.rows(wanted), tuple(r.rows(wanted) for r in self.records)
        )

    def save(self) -> bytes:
        """All of it as bytes. Only the same version reads them."""
        parts = [self.memory.save(), *(one.save() for one in self.records)]
        sizes = [self.period // MICROSECOND, *(len(part) for part in parts)]
        head = MAGIC + bytes([VERSION]) + np.array(sizes, "<i8").tobytes()
        return head + b"".join(parts)

    @classmethod
    def load(cls, saved: bytes) -> Self:
        """What `save` gave. Raises ValueError for anything else, and for another version."""
        start = len(MAGIC) + 1
        begin = start + 8 * (2 + len(SPECIALISTS))
        if saved[:start] != MAGIC + bytes([VERSION]) or len(saved) < begin:
            raise ValueError("this is no saved state in this version; start from a fresh one")
        period, *sizes = np.frombuffer(saved[start:begin], "<i8").tolist()
        edges = np.cumsum([begin, *sizes]).tolist()
        if min(sizes) < 0 or edges[-1] != len(saved):
            raise ValueError("this saved state is not whole; start from a fresh one")
        first, *others = (saved[a:b] for a, b in pairwise(edges))
        records = tuple(
            Records.load(kind.name, kind.record, part)
            for kind, part in zip(SPECIALISTS, others, strict=True)
        )
        return cls(timedelta(microseconds=period), Memory.load(first), records)


class Judged(NamedTuple):
    """What everybody says of a block."""

    look: Look
    sightings: tuple[Sighting, ...]  # in the order of `specialists`
    specialists: tuple[Specialist, ...]
    state: State


def judge(
    block: Block,
    state: State | None = None,
    *,
    ensemble: Ensemble | None = None,
    period: timedelta | None = None,
) -> Judged:
    """Ask everybody. A given state is changed in place.

    What repeats in the series is `period`. If neither that nor a state is given, it is looked for
    in what came before, again and again as there is more of it; when it turns out to be another
    one, everybody learns the past anew with it. No score depends on what comes after it. Later
    blocks go on with what was found.
    """
    ensemble = ensemble or Ensemble()
    if state is not None:
        return _asked(block, ensemble, state, state.period)
    if period is None and ensemble.period != DAY:
        period = ensemble.period
    if period is not None:
        return _asked(block, ensemble, None, period)
    parts: list[Judged] = []
    before: timedelta | None = None
    for first, last, repeats in _stretches(block):
        if repeats != before and first:
            state = _asked(cut(block, 0, first), ensemble, None, repeats).state
        before = repeats
        parts.append(_asked(cut(block, first, last), ensemble, state, repeats))
        state = parts[-1].state
    return parts[0] if len(parts) == 1 else _joined(parts)


def cut(block: Block, first: int, last: int) -> Block:
    """The columns from `first` to before `last`."""
    return replace(
        block,
        start=block.at(first),
        values=block.values[:, first:last],
        scraped=None if block.scraped is None else block.scraped[:, first:last],
        settling=None if block.settling is None else block.settling[:, first:last],
    )


def _stretches(block: Block) -> Iterator[tuple[int, int, timedelta]]:
    """First column, last, and the period that is known by then."""
    time = block.values.shape[1]
    begun, period, check = 0, DAY, FIRST
    while check < time:
        found = cycle(cut(block, 0, check))
        if found != period:
            if check > begun:
                yield begun, check, period
            begun, period = check, found
        check *= 2
    yield begun, time, period


def _asked(block: Block, ensemble: Ensemble, state: State | None, period: timedelta) -> Judged:
    asked = replace(ensemble, period=period)
    if period > DAY:  # the same time of a week is as long as the same time of a day
        around = max(round(BROAD * (DAY / period)), 1)
        asked = replace(asked, settings=asked.settings._replace(around=around))
    look = asked.look(block, None if state is None else state.memory, parts=True, bounds=True)
    specialists = tuple(kind(period) for kind in SPECIALISTS)
    sightings = tuple(
        one.look(block, None if state is None else state.records[at], reasons=True)
        for at, one in enumerate(specialists)
    )
    after = State(period, look.state, tuple(s.state for s in sightings))
    return Judged(look, sightings, specialists, after)


def _joined(parts: list[Judged]) -> Judged:
    """What was said of stretches that follow each other, as of one block."""
    looks = [part.look for part in parts]
    bounds = Bounds(
        *(
            np.concatenate(side, axis=1)
            for side in zip(*(k.bounds or () for k in looks), strict=True)
        )
    )
    totals, alarms, pieces = (
        np.concatenate([look[at] for look in looks], axis=1) for at in range(3)
    )
    sightings = []
    for many in zip(*(part.sightings for part in parts), strict=True):
        decades, raw, rung = (np.concatenate([s[at] for s in many], axis=1) for at in range(3))
        why = zip(*(s.reasons or () for s in many), strict=True)
        reasons = Reasons(*(np.concatenate(side, axis=1) for side in why))
        sightings.append(Sighting(decades, raw, rung, reasons, many[-1].state))
    last = parts[-1]
    look = Look(totals, alarms, pieces, bounds, last.look.state)
    return Judged(look, tuple(sightings), last.specialists, last.state)
