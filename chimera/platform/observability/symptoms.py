"""Is a symptom still there? Asked afresh, on the query that raised it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from chimera.detection.base import Flags, Floats
from chimera.domain import SignalKind, Symptom
from chimera.platform.observability.grid import Grid
from chimera.platform.observability.window import Window

ENOUGH = 3  # samples in the band, one after the other, the newest included
MENDING = 0.5  # of its worst excess, and less than before: on its way back
Verdict = Literal["healthy", "sick", "mending", "no_data", "no_traffic"]
NEED_TRAFFIC = frozenset({SignalKind.ERRORS, SignalKind.LATENCY})


class Symptoms:
    """Judges symptoms by their newest samples; missing data is never read as healthy."""

    def __init__(self, window: Window) -> None:
        self._window = window

    async def check(self, symptom: Symptom, since: datetime, now: datetime) -> Verdict:
        """The verdict on the samples after `since`. Raises Unavailable, Refused.

        healthy: the last three are inside the band. sick: one of them is not. mending: so, but it is
        at most half as far outside as it was, and falling, as a queue that drains. no_data: fewer
        than three, or the newest is missing. no_traffic: scraped, but nothing happened to judge by.
        """
        if symptom.signal not in self._window.signals:
            return await self._check_query(symptom, since, now)
        block, row = await self._window.fresh_row(
            symptom.signal, symptom.service, symptom.labels, since, now
        )
        if row is None or block.scraped is None:
            return "no_data"
        after = np.array([block.at(i) > since for i in range(block.values.shape[1])])
        return verdict(symptom, block.values[row][after], block.scraped[row][after])

    async def _check_query(self, symptom: Symptom, since: datetime, now: datetime) -> Verdict:
        """A symptom that is a query only, as an alert's is."""
        step = self._window.step
        end = self._window.grid_end(now)
        start = max(self._window.grid_end(since) + step, end - step * 20)
        if start > end:
            return "no_data"
        answer = await self._window.prometheus.range(symptom.query, start, end, step)
        if symptom.low is None and symptom.high is None:
            # An alert's expression has samples while it fires; silence counts only if
            # Prometheus itself goes on evaluating.
            if answer.series:
                newest = max(float(s.times[-1]) for s in answer.series)
                return "sick" if newest > (end - step * ENOUGH).timestamp() else "healthy"
            alive = await self._window.prometheus.instant("count(up)", end)
            return "healthy" if alive.series and end - start >= step * ENOUGH else "no_data"
        points = int((end - start) / step) + 1
        grid = Grid(start, timedelta(seconds=step.total_seconds()), points)
        if not answer.series:
            return "no_data"
        lines = np.stack([grid.place(s.times, s.values) for s in answer.series])
        worst = np.where(np.isfinite(lines), lines, -np.inf).max(axis=0)
        values = np.where(np.isfinite(worst), worst, np.nan)
        return verdict(symptom, values, np.isfinite(values))


def verdict(symptom: Symptom, values: Floats, scraped: Flags) -> Verdict:
    """The verdict on consecutive samples (time,), oldest first."""
    if values.size == 0 or not scraped[-1]:
        # The newest point may just not be stored yet; one missing point is forgiven.
        values, scraped = values[:-1], scraped[:-1]
    if values.size < ENOUGH or not scraped[-ENOUGH:].all():
        gone = symptom.direction == "missing" and values.size >= ENOUGH
        return "sick" if gone and not scraped[-ENOUGH:].any() else "no_data"
    if symptom.direction == "missing":
        return "healthy"
    last = values[-ENOUGH:]
    known = np.isfinite(last)
    if not known.any():
        return "no_traffic" if symptom.kind in NEED_TRAFFIC else "no_data"
    low = -np.inf if symptom.low is None or symptom.direction == "up" else symptom.low
    high = np.inf if symptom.high is None or symptom.direction == "down" else symptom.high
    if (known & ((last < low) | (last > high))).any():
        return "mending" if falling(np.fmax(values - high, low - values)) else "sick"
    if known.all():
        return "healthy"
    # Little traffic leaves holes: then the last three that there were must be fine.
    some = values[np.isfinite(values)][-ENOUGH:]
    if some.size < ENOUGH:
        return "no_traffic" if symptom.kind in NEED_TRAFFIC else "no_data"
    return "healthy" if ((some >= low) & (some <= high)).all() else "sick"


def falling(excess: Floats) -> bool:
    """Whether an excess over the band (time,), in any unit, has halved and still falls."""
    known = excess[np.isfinite(excess)]
    if known.size < 2 * ENOUGH:
        return False
    now, before = known[-ENOUGH:], known[-2 * ENOUGH : -ENOUGH]
    return bool(
        now.max() <= MENDING * known.max() and now.max() < before.max() and now[-1] <= now[0]
    )
