"""From raw samples to the series of a signal, gaps and resets included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from chimera.detection.base import Block, Flags, Floats, SeriesKey
from chimera.domain import Signal
from chimera.platform.observability.counters import (
    Scrapes,
    quantile,
    restarts,
    scrape_times,
    summed,
    target_of,
)
from chimera.platform.observability.grid import Grid
from chimera.platform.observability.prometheus import RawSeries
from chimera.platform.observability.queries import promql, selectors

PATIENCE = 300.0  # seconds that an expiry's sample counts: probes look seldom, and it stays true
UP = "up"

Group = tuple[str, tuple[tuple[str, str], ...]]  # service, labels


def block_of(
    signals: Sequence[Signal], raw: Mapping[str, Sequence[RawSeries]], grid: Grid
) -> Block:
    """One block of every series of every signal; `raw` holds samples by selector."""
    scrapes = scrape_times(raw.get(UP, ()))
    counted = [s for name, several in raw.items() if name != UP for s in several]
    settled = restarts(counted, grid, {signal.service_label for signal in signals})
    keys: list[SeriesKey] = []
    values: list[Floats] = []
    flags: list[Flags] = []
    settling: list[Flags] = []
    calm = np.zeros(grid.points, dtype=bool)
    for signal in signals:
        roles = {role: raw.get(name, ()) for role, name in selectors(signal).items()}
        for (service, labels), (line, scraped) in series_of(signal, roles, grid, scrapes).items():
            query = promql(signal, service, dict(labels), step=grid.step)
            keys.append(SeriesKey(signal.name, service, labels, query))
            values.append(line)
            flags.append(scraped)
            settling.append(settled.get(service, calm))
    shape = (len(keys), grid.points)
    return Block(
        tuple(keys),
        grid.start,
        grid.step,
        np.array(values, dtype=np.float64).reshape(shape),
        np.array(flags, dtype=bool).reshape(shape),
        np.array(settling, dtype=bool).reshape(shape),
    )


def series_of(
    signal: Signal,
    raw: Mapping[str, Sequence[RawSeries]],
    grid: Grid,
    scrapes: Scrapes,
) -> dict[Group, tuple[Floats, Flags]]:
    """Values and scraped flags of a signal on the grid, by service and labels.

    `raw` holds the samples of each selector of `selectors(signal)`, by role; `scrapes` the times of
    successful scrapes of each (job or service, instance).
    """
    top = _grouped(signal, raw.get("top", ()))
    per = _grouped(signal, raw.get("per", ()))
    made: dict[Group, tuple[Floats, Flags]] = {}
    if signal.read == "expiry":
        return {group: _left(signal, series, grid) for group, series in top.items()}
    counters = not signal.level
    for group in {**per, **top} if counters else top:
        above, below = top.get(group, []), per.get(group, [])
        scraped = _scraped([*above, *below], grid, scrapes)
        if not counters:
            values = _combined(signal, above, grid)
            if signal.per:
                with np.errstate(divide="ignore", invalid="ignore"):
                    share = values / _combined(signal, below, grid)
                values = np.where(np.isfinite(share), share, np.nan)
            made[group] = values * signal.scale, _any(above, grid)
            continue
        if signal.read == "rate":
            values = summed(above, grid, scrapes, rate=True)
        elif signal.read == "quantile":
            values = quantile(above, grid, scrapes, signal.quantile)
        else:
            gained, base = (summed(x, grid, scrapes) for x in (above, below))
            if signal.read == "ratio":  # no error yet is zero errors
                gained = np.where(np.isnan(gained), 0.0, gained)
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(base > 0, gained / base, np.nan)
        made[group] = np.where(scraped, values, np.nan) * signal.scale, scraped
    return made


def _grouped(signal: Signal, raw: Sequence[RawSeries]) -> dict[Group, list[RawSeries]]:
    groups: dict[Group, list[RawSeries]] = defaultdict(list)
    for series in raw:
        service = series.labels.get(signal.service_label)
        if service:
            labels = tuple((name, series.labels.get(name, "")) for name in sorted(signal.by))
            groups[service, labels].append(series)
    return groups


def _any(series: Sequence[RawSeries], grid: Grid) -> Flags:
    found = np.zeros(grid.points, dtype=bool)
    for one in series:
        found |= grid.cells(one.times)[1]
    return found


def _scraped(series: Sequence[RawSeries], grid: Grid, scrapes: Scrapes) -> Flags:
    """Points at which at least one target of the group answered.

    A counter that its process has not touched since a restart is absent, and that is zero, not
    missing: so the target's own scrapes count, not the series' samples.
    """
    found = np.zeros(grid.points, dtype=bool)
    for target in {target_of(s) for s in series}:
        times = scrapes.get(target)
        if times is not None and times.size:
            found |= grid.cells(times)[1]
    return found | _any(series, grid)


def _combined(signal: Signal, series: Sequence[RawSeries], grid: Grid) -> Floats:
    if not series:
        return np.full(grid.points, np.nan)
    lines = np.stack([grid.place(s.times, s.values) for s in series])
    known = np.isfinite(lines)
    if signal.combine == "max":
        merged = np.where(known, lines, -np.inf).max(axis=0)
    else:
        merged = np.where(known, lines, 0.0).sum(axis=0)
        if signal.combine == "mean":
            merged = merged / np.maximum(known.sum(axis=0), 1)
    return np.where(known.any(axis=0), merged, np.nan)


def _left(signal: Signal, series: Sequence[RawSeries], grid: Grid) -> tuple[Floats, Flags]:
    """Seconds left until the first of several moments, and where a sample says so.

    0 is how exporters write that they know none.
    """
    lines = np.stack([grid.place(s.times, s.values, PATIENCE) for s in series])
    lines = np.where(np.isfinite(lines) & (lines > 0), lines, np.inf)
    soonest = lines.min(axis=0)
    known = np.isfinite(soonest)
    left = np.where(known, soonest, np.nan) - grid.times
    return left * signal.scale, known
