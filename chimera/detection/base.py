"""The contract of every detector: blocks of series in, surprise out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CAP = 10.0  # decades; beyond it nothing is more surprising


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """Which series a row of a block is."""

    signal: str
    service: str
    labels: tuple[tuple[str, str], ...] = ()
    query: str = ""  # PromQL a person can open

    @property
    def identity(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        return (self.signal, self.service, self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Many evenly spaced series at once.

    `values` is float64 of shape (series, time); NaN where there is no value. `scraped` tells apart
    "the target did not answer" (False) from "nothing happened, so there is no value" (True).
    `settling` marks points just after a restart. `floor` (series,) is the smallest effect worth
    telling, in each series' own unit: detectors never take a spread below a fraction of it.
    """

    keys: tuple[SeriesKey, ...]
    start: datetime
    step: timedelta
    values: Floats
    scraped: Flags | None = None
    settling: Flags | None = None
    floor: Floats | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or len(self.keys) != self.values.shape[0]:
            raise ValueError(
                f"a block of {len(self.keys)} keys needs values of shape ({len(self.keys)}, time), "
                f"not {self.values.shape}"
            )

    @property
    def end(self) -> datetime:
        """The time of the newest point."""
        return self.at(self.values.shape[1] - 1)

    def at(self, index: int) -> datetime:
        return self.start + index * self.step

    def tail(self, points: int) -> Block:
        """The newest `points` of every series."""
        skip = max(self.values.shape[1] - points, 0)
        return Block(
            self.keys,
            self.at(skip),
            self.step,
            self.values[:, skip:],
            None if self.scraped is None else self.scraped[:, skip:],
            None if self.settling is None else self.settling[:, skip:],
            self.floor,
        )

    def rows(self, chosen: Sequence[int] | npt.NDArray[np.intp]) -> Block:
        """Some of the series, in this order, with all their points."""
        at = np.asarray(chosen, dtype=np.intp)
        if np.array_equal(at, np.arange(len(self.keys))):
            return self
        return Block(
            tuple(self.keys[i] for i in at),
            self.start,
            self.step,
            self.values[at],
            None if self.scraped is None else self.scraped[at],
            None if self.settling is None else self.settling[at],
            None if self.floor is None else self.floor[at],
        )

    @classmethod
    def of(cls, values: npt.ArrayLike, *, step: float = 1.0, floor: npt.ArrayLike = 0.0) -> Block:
        """A block of unnamed series, starting at the epoch: for arrays that are already at hand."""
        array = np.atleast_2d(np.asarray(values, dtype=np.float64))
        keys = tuple(SeriesKey(f"series-{i}", "") for i in range(array.shape[0]))
        least = np.broadcast_to(np.asarray(floor, dtype=np.float64), (array.shape[0],))
        start = datetime.fromtimestamp(0, UTC)
        return cls(keys, start, timedelta(seconds=step), array, floor=least)


class Bounds(NamedTuple):
    """What was expected at each point; three arrays (series, time), NaN where nobody knows."""

    low: Floats
    centre: Floats
    high: Floats


class Scorer(ABC):
    """Scores every point by its surprise: -log10 of a tail probability, 0 or more.

    Causal: a point's score uses that point and what came before it. A score is NaN where there is
    no sample and 0 while the history is too short to say anything. Going on from the state of the
    block before gives the same scores as one long block; a state may be used once.
    """

    name: str

    @abstractmethod
    def fit(self, history: Floats) -> Self:
        """A scorer that starts from this history (series, time); this one stays as it is."""

    @abstractmethod
    def score(self, block: Block, state: Any = None) -> tuple[Floats, Any]:
        """Scores (series, time) and the state from which the next block goes on."""

    @abstractmethod
    def expected(self, block: Block, state: Any = None) -> Bounds:
        """The band that each point was expected in, knowing only what came before it."""


class Detector(Scorer):
    """A scorer that the live watcher listens to; every detector it finds has a voice there.

    Its scores end at `CAP`.
    """
