"""The picture of what runs out: the past, the limit, and where the series is expected to go."""

from __future__ import annotations

from datetime import UTC, tzinfo

import numpy as np

from chimera.detection.base import Bounds
from chimera.detection.capacity import newest
from chimera.detection.forecast import forecast
from chimera.domain import Anomaly, Series, Signal
from chimera.platform.pictures.anomaly import subtitle, title, unit_of
from chimera.platform.pictures.canvas import Drawing
from chimera.platform.pictures.draw import draw
from chimera.platform.pictures.frame import Span

AHEAD = 3  # times what is shown of the past: so far ahead is drawn at most
POINTS = 120  # of the path


def drawn_ahead(
    anomaly: Anomaly, series: Series, *, signal: Signal | None = None, zone: tzinfo = UTC
) -> Drawing:
    """The series with the 90 % interval of its forecast, up to its limit or as far as is worth it."""
    values = np.asarray(series.values, dtype=np.float64)
    limit = signal.limit if signal else None
    past = values.size
    furthest = max(AHEAD * past, 2)
    if signal is not None:
        furthest = min(furthest, max(int(signal.horizon / series.step.total_seconds()), 2))
    steps = np.unique(np.linspace(1, furthest, min(POINTS, furthest)).round())
    path = forecast(values, steps)
    if limit is not None:
        falls = limit < newest(values[None])[0]
        sure = (path.high[0] <= limit) if falls else (path.low[0] >= limit)
        if sure.any():  # beyond the moment at which even the interval is there nothing is news
            last = min(int(np.argmax(sure)) + 1, steps.size)
            steps = steps[:last]
    kept = steps.size
    nothing = np.full(past, np.nan)
    bounds = Bounds(
        *(np.concatenate([nothing, part[0, :kept]]) for part in (path.low, path.centre, path.high))
    )
    offsets = np.concatenate([np.arange(past), past - 1 + steps])
    times = [series.start + series.step * float(n) for n in offsets]
    line = np.concatenate([values, np.full(kept, np.nan)])
    began = max(anomaly.began, series.start)
    end = anomaly.seen if anomaly.over else times[past - 1]
    unit = unit_of(signal, series)
    return draw(
        times, line, bounds, [Span(min(began, end), end, "seen to run out")],
        title=title(anomaly, unit), subtitle=subtitle(anomaly, zone), unit=unit, limit=limit,
        zone=zone, now=times[past - 1],
    )  # fmt: skip
