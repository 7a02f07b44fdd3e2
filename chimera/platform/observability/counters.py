"""What counters gained between two scrapes, over restarts and first samples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from chimera.detection.base import Flags, Floats
from chimera.platform.observability.grid import Grid
from chimera.platform.observability.prometheus import RawSeries

SMOOTH = 3  # intervals a quantile is taken over: one alone holds too few observations
SETTLE = 3  # intervals after a restart that are marked as settling

Target = tuple[str, str]  # job, instance
Scrapes = Mapping[Target, Floats]
"""When each target was scraped with success, Unix seconds."""


def target_of(series: RawSeries) -> Target:
    return series.labels.get("job", ""), series.labels.get("instance", "")


def scrape_times(up: Sequence[RawSeries]) -> dict[Target, Floats]:
    """When each target was scraped with success, by (job, instance)."""
    return {target_of(s): s.times[s.values > 0] for s in up}


def increments(series: RawSeries, anchor: Floats | None) -> tuple[Floats, Floats]:
    """What a counter gained by each sample, and the seconds that took.

    A value below the last is a restart from zero. The first sample of a series counts from zero
    too if its target had been scraped just before (`anchor`: the target's scrape times): that is
    how the first error of a process looks. Otherwise the first gain is unknown: NaN.
    """
    gain = np.diff(series.values)
    gain = np.where(gain < 0, series.values[1:], gain)
    took = np.diff(series.times)
    first, first_took = np.nan, np.nan
    if anchor is not None:
        earlier = anchor[anchor < series.times[0] - 1e-3]
        if earlier.size:
            first, first_took = float(series.values[0]), float(series.times[0] - earlier[-1])
    return np.concatenate([[first], gain]), np.concatenate([[first_took], took])


def summed(
    series: Sequence[RawSeries],
    grid: Grid,
    scrapes: Scrapes,
    *,
    rate: bool = False,
) -> Floats:
    """Gains of several counters (a second, with `rate`); absent counters gain nothing."""
    if not series:
        return np.full(grid.points, np.nan)
    total = np.zeros(grid.points)
    unknown = np.ones(grid.points, dtype=bool)
    for one in series:
        anchor = scrapes.get(target_of(one))
        gain, took = increments(one, anchor)
        with np.errstate(invalid="ignore", divide="ignore"):
            line = grid.place(one.times, gain / took if rate else gain)
        if anchor is not None and anchor.size:  # scraped, and not there (yet): nothing gained
            index, fresh = grid.cells(anchor)
            absent = fresh & ~grid.cells(one.times)[1] & (index > 0)
            line = np.where(absent, 0.0, line)
        total += np.nan_to_num(line)
        unknown &= np.isnan(line)
    return np.where(unknown, np.nan, total)


def quantile(
    series: Sequence[RawSeries],
    grid: Grid,
    scrapes: Scrapes,
    q: float,
) -> Floats:
    """Prometheus' own interpolation within the bucket, over the last `SMOOTH` intervals."""
    edges: dict[float, list[RawSeries]] = defaultdict(list)
    for one in series:
        edges[float(one.labels.get("le", "inf").replace("+Inf", "inf"))].append(one)
    if len(edges) < 2:
        return np.full(grid.points, np.nan)
    bounds = np.array(sorted(edges))
    gains = np.stack([summed(edges[edge], grid, scrapes) for edge in bounds])
    known = np.isfinite(gains[-1])
    filled = np.nan_to_num(gains)
    counts = filled.copy()
    for lag in range(1, SMOOTH):
        counts[:, lag:] += filled[:, :-lag]
    counts = np.maximum.accumulate(counts, axis=0)
    total = counts[-1]
    rank = q * total
    bucket = np.minimum((counts < rank).sum(axis=0), len(bounds) - 1)
    column = np.arange(grid.points)
    upper = bounds[bucket]
    lower = np.where(bucket > 0, bounds[bucket - 1], 0.0)
    before = np.where(bucket > 0, counts[bucket - 1, column], 0.0)
    inside = np.maximum(counts[bucket, column] - before, 1e-12)
    with np.errstate(invalid="ignore"):
        value = lower + (upper - lower) * (rank - before) / inside
    value = np.where(np.isinf(upper), bounds[-2], value)  # beyond the last bound: its edge
    return np.where(known & (total > 0), value, np.nan)


def restarts(
    series: Sequence[RawSeries], grid: Grid, service_labels: Collection[str]
) -> dict[str, Flags]:
    """Points just after a counter of a service fell: one of its processes had started again.

    Whatever any of the labels calls the process is a service that has started again.
    """
    found: dict[str, Flags] = {}
    for one in series:
        if not one.labels.get("__name__", "").endswith(("_total", "_count")):
            continue
        fell = np.flatnonzero(np.diff(one.values) < 0)
        names = {one.labels[label] for label in service_labels if one.labels.get(label)}
        for at in one.times[fell + 1]:
            soon = (grid.times >= at) & (grid.times < at + SETTLE * grid.seconds)
            for name in names:
                found.setdefault(name, np.zeros(grid.points, dtype=bool))
                found[name] |= soon
    return found
