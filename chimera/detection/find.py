"""What is odd in a block: alarms within a budget, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from chimera.detection.base import Block, Bounds, Floats
from chimera.detection.calibration import surprise, total_for
from chimera.detection.engine.memory import SIGNALS
from chimera.detection.ensemble import Ensemble
from chimera.detection.oddities import Oddity, merged
from chimera.detection.stretches import of_ensemble, of_specialist

if TYPE_CHECKING:
    from chimera.detection.panel import Judged, State

__all__ = ["Found", "Oddity", "find"]

WEEK = timedelta(weeks=1)
FEWEST = 1e-12  # alarms a point; a smaller budget asks for more than anybody knows
FIRST_SHARE = 0.5  # of the budget, for the ensemble; the specialists share the rest alike


@dataclass(frozen=True, eq=False)
class Found:
    """Everything that was found; arrays (series, time)."""

    scores: Floats  # the ensemble's decades; NaN where there is no sample
    bounds: Bounds
    parts: dict[str, Floats]  # decades of each signal, and of each specialist
    oddities: tuple[Oddity, ...]  # by beginning
    threshold: float  # decades that the ensemble must reach
    state: State  # from which the next block goes on
    period: timedelta  # what repeats, by the block's end


def find(
    block: Block,
    *,
    alarms_per_week: float = 1.0,
    state: State | None = None,
    ensemble: Ensemble | None = None,
    period: timedelta | None = None,
) -> Found:
    """Judge a block; about `alarms_per_week` false alarms over all of its series together.

    The budget is in weeks of the block's own time, and all detectors share it. `period` is what
    repeats, a day for instance; without it, it is found in the first block. Raises ValueError for a
    budget that is not positive.
    """
    from chimera.detection.panel import judge  # compiled code: only when it is used

    if not alarms_per_week > 0:
        raise ValueError(f"alarms_per_week is {alarms_per_week}; give a number above 0")
    judged = judge(block, state, ensemble=ensemble, period=period)
    a_point = alarms_per_week / (WEEK / block.step)
    least = total_for(max(FIRST_SHARE * a_point / max(len(block.keys), 1), FEWEST))
    oddities = merged([*of_ensemble(block, judged.look, least), *_special(block, judged, a_point)])
    parts = {name: judged.look.parts[..., number] for number, name in enumerate(SIGNALS)}
    for kind, sighting in zip(judged.specialists, judged.sightings, strict=True):
        parts[kind.name] = sighting.decades
    assert judged.look.bounds is not None
    return Found(
        scores=judged.look.decades,
        bounds=judged.look.bounds,
        parts=parts,
        oddities=tuple(oddities),
        threshold=float(surprise(np.array(least))),
        state=judged.state,
        period=judged.state.period,
    )


def _special(block: Block, judged: Judged, a_point: float) -> Iterator[Oddity]:
    """What the specialists found, each within its share of the alarms a point of time."""
    share = (1.0 - FIRST_SHARE) / len(judged.specialists)
    for kind, sighting in zip(judged.specialists, judged.sightings, strict=True):
        units = max(len(np.unique(kind.units(block))), 1)
        rate = share * a_point * kind.pace(block.step) / units
        least = kind.scale.strength_for(max(rate, FEWEST))
        yield from of_specialist(block, kind, sighting, judged.look.bounds, least)
