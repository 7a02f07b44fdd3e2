"""One odd stretch with its reasons; and what several detectors saw of the same one, as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

TOGETHER = 80  # points between two alarms that can be of one trouble
ALONE = ("gap",)  # what usually befalls many series at once: told of one, with the others named


@dataclass(frozen=True)
class Oddity:
    """One odd stretch of one series; columns count from the block's first."""

    row: int
    began: int  # the column of the alarm
    ended: int | None  # the last odd column; None if it is odd at the block's end
    peak: int  # the most surprising column
    seen: float  # the value at the peak; NaN if there is none
    low: float  # what was expected when it began
    centre: float
    high: float
    detector: str  # which signal was the most surprised at the peak
    surprise: float  # decades at the peak: calibrated -log10 p
    confidence: float  # 0.5 at the threshold, 0.95 a decade above it
    since: int = 0  # the column at which it began, as far as that can be told; negative: before
    why: str = ""  # what was seen and what is usual, for people
    also: tuple[str, ...] = ()  # other detectors that saw it
    others: tuple[int, ...] = ()  # rows that the same befell at the same time


def merged(oddities: Iterable[Oddity]) -> list[Oddity]:
    """By beginning; what several detectors saw of one trouble is told once, by the surest."""
    kept: list[Oddity] = []
    of_row: dict[int, list[int]] = {}
    missing: dict[tuple[str, int], int] = {}
    for odd in sorted(oddities, key=lambda o: (-o.confidence, -o.surprise, o.began, o.row)):
        same = next((at for at in of_row.get(odd.row, ()) if _one(kept[at], odd)), None)
        if same is not None:
            known = kept[same]
            names = {*known.also, odd.detector} - {known.detector}
            kept[same] = replace(known, also=tuple(sorted(names)))
            continue
        if odd.detector in ALONE and (at := missing.get((odd.detector, odd.since))) is not None:
            kept[at] = replace(kept[at], others=(*kept[at].others, odd.row))
            continue
        missing[odd.detector, odd.since] = len(kept)
        of_row.setdefault(odd.row, []).append(len(kept))
        kept.append(odd)
    return sorted((_told(odd) for odd in kept), key=lambda odd: (odd.began, odd.row))


def _told(odd: Oddity) -> Oddity:
    many = len(odd.others)
    if not many:
        return odd
    return replace(odd, why=f"{odd.why}; the same in {many} other series")


def _one(known: Oddity, odd: Oddity) -> bool:
    """Whether two detectors speak of one trouble."""
    if known.detector == odd.detector or abs(known.began - odd.began) > TOGETHER:
        return False
    first, second = (np.inf if one.ended is None else one.ended for one in (known, odd))
    return bool(odd.since <= first and known.since <= second)
