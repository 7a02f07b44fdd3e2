"""Where something odd begins and ends, and why: from what each detector said of a block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chimera.detection.base import Block, Bounds, Flags, Floats
from chimera.detection.calibration import Scale, surprise
from chimera.detection.engine.memory import SIGNALS
from chimera.detection.ensemble import Look
from chimera.detection.oddities import Oddity
from chimera.detection.specialists.base import Sighting, Specialist, members

CALM = 3  # points in a row, nothing odd in any, that end what was odd
STILL = 0.5  # share of the strength asked for at which it still goes on


def of_ensemble(block: Block, look: Look, least: float) -> Iterator[Oddity]:
    """What the ensemble's totals of at least `least` say, row by row."""
    for row in np.flatnonzero((look.alarms & (look.totals >= least)).any(axis=1)).tolist():
        yield from _of_row(block, look, row, least)


def _of_row(block: Block, look: Look, row: int, least: float) -> Iterator[Oddity]:
    """A row's odd stretches: an alarm begins one, what comes before its end belongs to it."""
    values, totals = block.values[row], look.totals[row]
    after = 0
    for began in np.flatnonzero(look.alarms[row] & (totals >= least)).tolist():
        if began < after:
            continue
        low, centre, high = _expected(look.bounds, row, began)
        ended = _end(values, began, low, high)
        last = len(values) - 1 if ended is None else ended
        peak = began + int(np.nanargmax(totals[began : last + 1]))
        decades = float(surprise(totals[peak : peak + 1])[0])
        yield Oddity(
            row=row,
            began=began,
            ended=ended,
            peak=peak,
            seen=float(values[peak]),
            low=low,
            centre=centre,
            high=high,
            detector=SIGNALS[int(look.parts[row, peak].argmax())],
            surprise=decades,
            confidence=sure(decades - float(surprise(np.array(least)))),
            since=began,
            why=f"{values[peak]:.4g} where {low:.4g} to {high:.4g} was expected",
        )
        after = last + 1


def of_specialist(
    block: Block, kind: Specialist, sighting: Sighting, bounds: Bounds | None, least: float
) -> Iterator[Oddity]:
    """What a specialist's raw surprise of at least `least` says, unit by unit.

    The state keeps what goes on at the block's end: the next block does not tell it again.
    """
    assert sighting.reasons is not None
    records = sighting.state.records
    order, starts = members(kind.units(block))
    loud: Flags = sighting.alarms & (sighting.raw >= least)
    for unit in range(len(starts) - 1):
        rows = order[starts[unit] : starts[unit + 1]]
        record = records[rows[0]]
        if not (loud[rows].any() or record["open"]) or not sighting.raw.shape[1]:
            continue
        raw = sighting.raw[rows].max(axis=0)
        after = 0
        if record["open"]:
            over = _calm(np.append(True, raw >= STILL * least), 0)
            after = len(raw) if over is None else over
            record["open"] = over is None
        for began in np.flatnonzero(loud[rows].any(axis=0)).tolist():
            if began < after:
                continue
            ended = _calm(raw >= STILL * least, began)
            record["open"] = ended is None
            last = len(raw) - 1 if ended is None else ended
            peak = began + int(raw[began : last + 1].argmax())
            row = int(rows[sighting.raw[rows, peak].argmax()])
            low, centre, high = _expected(bounds, row, began)
            seen, usual, back = (float(side[row, peak]) for side in sighting.reasons)
            decades = float(sighting.decades[row, peak])
            yield Oddity(
                row=row,
                began=began,
                ended=ended,
                peak=peak,
                seen=float(block.values[row, peak]),
                low=low,
                centre=centre,
                high=high,
                detector=kind.name,
                surprise=decades,
                confidence=sure(_above(kind.scale, raw[peak], least)),
                since=began - int(sighting.reasons.back[row, began]),
                why=kind.words(seen, usual, back, block.step),
            )
            after = last + 1


def sure(above: float) -> float:
    """How sure somebody is of what is so many decades above the threshold."""
    return float(1.0 - 0.5 * 10.0**-above)


def _above(scale: Scale, strength: float, least: float) -> float:
    mine, asked = scale.alarm_rate(np.array([strength, least])).tolist()
    return float(mine) - float(asked)


def _expected(bounds: Bounds | None, row: int, column: int) -> tuple[float, float, float]:
    assert bounds is not None
    return (
        float(bounds.low[row, column]),
        float(bounds.centre[row, column]),
        float(bounds.high[row, column]),
    )


def _end(values: Floats, began: int, low: float, high: float) -> int | None:
    """The last odd column: `CALM` values inside the band of the beginning follow it."""
    rest = values[began + 1 :]
    known = np.flatnonzero(np.isfinite(rest))
    odd = ~((rest >= low) & (rest <= high))[known]
    last = _calm(np.concatenate([[True], odd]), 0)
    return None if last is None else began if last == 0 else began + 1 + int(known[last - 1])


def _calm(odd: Flags, began: int) -> int | None:
    """The last of the odd places from `began` on that `CALM` others follow; None if none is."""
    places = np.append(began + np.flatnonzero(odd[began:]), len(odd))
    wide = np.flatnonzero(np.diff(places) > CALM)
    return int(places[wide[0]]) if len(wide) else None
