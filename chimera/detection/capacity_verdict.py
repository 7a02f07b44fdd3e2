"""When to say that something runs out, and when to take it back. Pure: state in, state out."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from chimera.detection.base import Block, Flags, Floats
from chimera.detection.capacity import TimeToLimit, newest, time_to_limit
from chimera.detection.capacity_told import Filling, Name, RunsOut
from chimera.domain import Signal

TELL, TAKE_BACK = 0.75, 0.35  # probability of reaching the limit within the horizon
NEEDED = 24  # samples without which nothing can be left out
SURE, CALM = 3, 6  # looks in a row before it is told, and before it is taken back
REST = 60  # looks after that in which it is not told again: what was steep takes time to look flat


def runs_out(
    block: Block,
    signals: Sequence[Signal],
    within: npt.ArrayLike,
    state: Sequence[Filling] = (),
    *,
    period: int = 0,
) -> tuple[tuple[RunsOut, ...], tuple[Filling, ...]]:
    """What runs out, what no longer does, and what to remember until the next look.

    It is told when `SURE` looks in a row give it `TELL` of reaching the limit within the horizon,
    and taken back when `CALM` looks in a row give it less than `TAKE_BACK`, or when the limit is
    reached: then the limit speaks for itself.

    Args:
        block: the series with all their recent past; abnormal stretches hidden or not.
        signals: of each row; rows whose signal has no limit are left out.
        within: samples ahead that are worth a warning, for each row or for all.
        period: samples of a day, or of what else repeats; 0: none.
    """
    horizon = np.broadcast_to(np.asarray(within, dtype=np.float64), (len(block.keys),))
    rows = np.array([i for i, s in enumerate(signals) if _watched(s)], dtype=np.intp)
    known = {filling.name: filling for filling in state}
    rows = rows[_may(block, signals, rows, horizon, known)]
    if not rows.size or not block.values.shape[1]:
        return (), tuple(state)
    verdicts: list[RunsOut] = []
    kept: list[Filling] = []
    # A certificate's weeks would leave nothing of the hours that count for a disk.
    for far in np.unique(horizon[rows]):
        told, remembered = _look(
            block, signals, rows[horizon[rows] == far], float(far), known, period
        )
        verdicts += told
        kept += remembered
    return tuple(verdicts), (*kept, *known.values())


def _look(
    block: Block,
    signals: Sequence[Signal],
    rows: npt.NDArray[np.intp],
    within: float,
    known: dict[Name, Filling],
    period: int,
) -> tuple[list[RunsOut], list[Filling]]:
    """One look at rows of one horizon; what is remembered of them leaves `known`."""
    values = block.values[rows]
    falls = np.array([signals[row].bad == "down" for row in rows])
    limit = np.array([signals[row].limit for row in rows], dtype=np.float64)
    floor = np.array([signals[row].floor for row in rows], dtype=np.float64)
    found = time_to_limit(values, limit, within, falls=falls, period=period)
    likely = np.asarray(found.probability >= TELL, dtype=bool)
    holds: Flags = np.logical_and(likely, _moves(found, values, falls, floor))
    edges = _edges(values, floor, falls)
    now = newest(values)
    verdicts: list[RunsOut] = []
    kept: list[Filling] = []
    for place, row in enumerate(rows):
        name = block.keys[row].identity
        before = known.pop(name, None)
        if not np.isfinite(block.values[row, -1]):  # no data, no verdict
            kept += [before] if before else []
            continue
        reached = bool(found.middle[place] == 0.0)
        calm = found.probability[place] < TAKE_BACK
        after = _after(before, name, block.end, bool(holds[place]), bool(calm))
        ended = ""
        if after is not None and after.told and reached:
            ended = f"has reached {limit[place]:g}"
        elif after is not None and after.told and after.calm >= CALM:
            ended = f"no longer heads for {limit[place]:g}"
        if after is not None and not reached:
            rested = Filling(name=name, began=block.end, rest=REST)
            kept.append(rested if ended else after)
        if after is not None and after.told:
            middle, soonest, latest = (
                float(part[place]) * block.step if np.isfinite(part[place]) else None
                for part in (found.middle, found.soonest, found.latest)
            )
            verdicts.append(
                RunsOut(
                    int(row),
                    block.keys[row],
                    block.end,
                    after.began,
                    float(now[place]),
                    float(limit[place]),
                    float(edges[place]),
                    middle,
                    soonest,
                    latest,
                    float(found.probability[place]),
                    bool(ended),
                    ended,
                )
            )
    return verdicts, kept


def _watched(signal: Signal) -> bool:
    return signal.limit is not None and signal.bad in ("up", "down")


def _may(
    block: Block,
    signals: Sequence[Signal],
    rows: npt.NDArray[np.intp],
    horizon: Floats,
    known: Mapping[Name, Filling],
) -> Flags:
    """Rows that are worth a forecast: remembered, or three times as steep they would get there.

    The drift is that of the medians of a window's thirds, over windows short and long; six times
    the scatter of single steps comes on top. Most series are flat, and a forecast is not free.
    """
    values = block.values[rows]
    series, time = values.shape
    worth: Flags = np.array([block.keys[row].identity in known for row in rows], dtype=bool)
    if time < NEEDED:
        return np.ones(series, dtype=bool)
    sign = np.array([-1.0 if signals[row].bad == "down" else 1.0 for row in rows])
    limit = np.array([signals[row].limit or 0.0 for row in rows], dtype=np.float64) * sign
    turned = values * sign[:, None]
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # a third without any sample: no drift
        scatter = np.nan_to_num(np.nanmean(np.abs(np.diff(turned, axis=1)), axis=1))
        now = newest(turned) + 6 * scatter
        for width in {min(w, time) for w in (NEEDED, 60, 180, time)}:
            third = width // 3
            first = np.nanmedian(turned[:, time - width : time - width + third], axis=1)
            last = np.nanmedian(turned[:, time - third :], axis=1)
            drift = np.maximum(np.nan_to_num(last - first), 0.0) / (width - third)
            worth |= now + 3 * drift * horizon[rows] >= limit
    return worth


def _after(
    before: Filling | None, name: Name, at: datetime, holds: bool, calm: bool
) -> Filling | None:
    """One look further; None when there is nothing to remember."""
    if before is not None and before.rest:
        return before.model_copy(update={"rest": before.rest - 1}) if before.rest > 1 else None
    if before is None:
        return Filling(name=name, began=at, sure=1, told=SURE <= 1) if holds else None
    if before.told:
        return before.model_copy(update={"calm": before.calm + 1 if calm else 0})
    if not holds:
        return None
    sure = before.sure + 1
    return before.model_copy(update={"sure": sure, "told": sure >= SURE})


def _moves(found: TimeToLimit, values: Floats, falls: Flags, floor: Floats) -> Flags:
    """Whether the path leads somewhere: by half of the smallest change worth telling at least."""
    inside = found.path.ahead <= np.maximum(found.within, 1.0)[:, None]
    column = np.maximum(inside.sum(axis=1) - 1, 0)
    moved = found.path.centre[np.arange(len(values)), column] - newest(values)
    return np.asarray(np.where(falls, -moved, moved) >= floor / 2, dtype=bool)


def _edges(values: Floats, floor: Floats, falls: Flags) -> Floats:
    """Where a series is well again: where it was in the older third, and a floor from now."""
    sign: Floats = np.where(falls, -1.0, 1.0)
    turned = values * sign[:, None]
    older = turned[:, : max(values.shape[1] // 3, 1)]
    known: Flags = np.asarray(np.isfinite(older).any(axis=1), dtype=bool)
    usual = np.nanmax(np.where(known[:, None], older, 0.0), axis=1)
    now = newest(turned)
    back = now - np.maximum(floor, np.abs(now) * 1e-6)
    return np.asarray(np.where(known, np.minimum(usual, back), back) * sign)
