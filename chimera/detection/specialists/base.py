"""The contract of every specialist, and what is the same for all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from chimera.detection.base import Block, Flags, Floats
from chimera.detection.calibration import Scale
from chimera.detection.specialists.counted import COUNTED
from chimera.detection.specialists.records import Records

DAY = timedelta(days=1)
EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)
Singles = npt.NDArray[np.float32]


class Reasons(NamedTuple):
    """What a specialist compared, where it has something to say; arrays (series, time)."""

    seen: Singles
    usual: Singles
    back: Singles  # points before this one at which what is odd began


class Sighting(NamedTuple):
    """What a specialist says of a block; arrays (series, time)."""

    decades: Floats  # calibrated -log10 p, finite everywhere, 0 where there is nothing to say
    raw: Floats  # before calibration
    alarms: Flags  # True where it is not the same trouble as shortly before
    reasons: Reasons | None  # None if not asked for
    state: Records


@dataclass(frozen=True)
class Specialist(ABC):
    """Scores every point by how surprising it is in one respect.

    Causal: a point's score uses that point and what came before it. Unlike a `Scorer` it may speak
    where there is no sample, and it has no band to draw; the live watcher does not listen to it.
    `period` is what repeats: a day. The state is a `Records`; scoring changes it in place.
    """

    period: timedelta = DAY

    name: ClassVar[str]
    record: ClassVar[np.dtype[Any]]  # what it remembers of a series

    @abstractmethod
    def run(self, block: Block, values: Floats, records: Any, raw: Floats, why: Reasons) -> None:
        """Write raw surprise into `raw`; unless these are empty, reasons into `why`."""

    @abstractmethod
    def words(self, seen: float, usual: float, back: float, step: timedelta) -> str:
        """What was seen and what was expected, for people."""

    def units(self, block: Block) -> npt.NDArray[np.intp]:
        """Which rows raise one alarm together: each for itself, unless a specialist groups them."""
        return np.arange(len(block.keys))

    def pace(self, step: timedelta) -> float:
        """Points after which it can say something new: false alarms are counted by these."""
        return 1.0

    @cached_property
    def scale(self) -> Scale:
        """What its raw surprise means, counted on healthy series."""
        return Scale(COUNTED[self.name])

    def fresh(self, series: int) -> Records:
        """The state of series that nothing is known of."""
        return Records.fresh(self.name, self.record, series)

    def score(self, block: Block, state: Any = None) -> tuple[Floats, Any]:
        """Decades (series, time) and the state from which the next block goes on."""
        sighting = self.look(block, state)
        return sighting.decades, sighting.state

    def look(self, block: Block, state: Any = None, *, reasons: bool = False) -> Sighting:
        """Everything there is to say of a block. A given state is changed in place."""
        from chimera.detection.specialists.hush import told  # compiled: only when it is used

        series, time = block.values.shape
        state = self._checked(series, state)
        values = np.ascontiguousarray(block.values, dtype=np.float64)
        raw, alarms = np.zeros((series, time)), np.zeros((series, time), dtype=np.bool_)
        shape = (series, time) if reasons else (0, 0)
        why = Reasons(*(np.zeros(shape, np.float32) for _ in Reasons._fields))
        if series and time:
            self.run(block, values, state.records, raw, why)
            told(raw, *members(self.units(block)), state.records, alarms)
        decades = self.scale.surprise(raw)
        return Sighting(decades, raw, alarms, why if reasons else None, state)

    def _checked(self, series: int, state: Any) -> Records:
        if state is None:
            return self.fresh(series)
        if not isinstance(state, Records) or state.name != self.name or len(state) != series:
            what = f"{len(state)} series" if isinstance(state, Records) else type(state).__name__
            raise ValueError(
                f"{self.name} cannot go on with {series} series from a state of {what}; "
                "give it the state that the block before ended with, its rows in the same order"
            )
        return state


def members(units: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The rows in the order of their units, and where in it each unit begins, and the end."""
    order = np.argsort(units, kind="stable")
    starts = np.flatnonzero(np.diff(units[order], prepend=-1))
    return order, np.append(starts, len(units))


def lasting(points: float, step: timedelta) -> str:
    """So many points as a length of time: 45 s, 12 min, 3.5 h, 2 days."""
    seconds = points * step.total_seconds()
    for unit, size in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
