"""From raw samples to the series of a signal, gaps and resets included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from chimera.detection.base import Block, Flags, Floats, SeriesKey
from chimera.domain import Signal
from chimera.platform.observability.prometheus import RawSeries, equals, selector

LATE = 1.2  # scrape intervals; an older sample is no sample
SMOOTH = 3  # intervals a quantile is taken over: one alone holds too few observations
SETTLE = 3  # intervals after a restart that are marked as settling
PATIENCE = 300.0  # seconds that an expiry's sample counts: probes look seldom, and it stays true
UP = "up"

Group = tuple[str, tuple[tuple[str, str], ...]]  # service, labels


def selectors(signal: Signal) -> dict[str, str]:
    """The raw selectors a signal is made of, by the role each plays."""
    if signal.read == "mean":
        parts = {"top": f"{signal.metric}_sum", "per": f"{signal.metric}_count"}
        return {role: selector(name, signal.where) for role, name in parts.items()}
    if signal.read == "quantile":
        return {"top": selector(f"{signal.metric}_bucket", signal.where)}
    found = {"top": selector(signal.metric, signal.where)}
    if signal.per:
        found["per"] = selector(signal.per, signal.per_where)
    return found


def promql(
    signal: Signal,
    service: str,
    labels: Mapping[str, str] | None = None,
    *,
    step: timedelta = timedelta(seconds=5),
) -> str:
    """The query that a person opens to see (nearly) the same series."""
    wanted = [equals(signal.service_label, service)]
    wanted += [equals(k, v) for k, v in sorted((labels or {}).items())]
    window = f"[{max(int(step.total_seconds() * 4), 1)}s]"
    keep = ", ".join((signal.service_label, *signal.by))

    def total(metric: str, where: str, over: str = "") -> str:
        chosen = selector(metric, where, *wanted)
        inner = f"rate({chosen}{window})" if over == "rate" else chosen
        words = {"sum": "sum", "max": "max", "mean": "avg"}
        how = "sum" if over == "rate" else words[signal.combine]
        return f"{how} by ({keep}) ({inner})"

    if signal.read == "expiry":
        soonest = f"min by ({keep}) ({selector(signal.metric, signal.where, *wanted)})"
        return _scaled(f"{soonest} - time()", signal.scale)
    if signal.read == "rate":
        return _scaled(total(signal.metric, signal.where, "rate"), signal.scale)
    if signal.read == "mean":
        top = total(f"{signal.metric}_sum", signal.where, "rate")
        per = total(f"{signal.metric}_count", signal.where, "rate")
        return _scaled(f"{top} / {per}", signal.scale)
    if signal.read == "quantile":
        chosen = selector(f"{signal.metric}_bucket", signal.where, *wanted)
        rates = f"sum by ({keep}, le) (rate({chosen}{window}))"
        return _scaled(f"histogram_quantile({signal.quantile:g}, {rates})", signal.scale)
    if signal.read == "ratio" and signal.per:
        top = total(signal.metric, signal.where, "rate")
        per = total(signal.per, signal.per_where, "rate")
        return _scaled(f"({top} or {per} * 0) / {per}", signal.scale)
    if signal.per:
        top = total(signal.metric, signal.where)
        return _scaled(f"{top} / {total(signal.per, signal.per_where)}", signal.scale)
    return _scaled(total(signal.metric, signal.where), signal.scale)


def _scaled(query: str, scale: float) -> str:
    return query if scale == 1.0 else f"({query}) * {scale:g}"


class Grid:
    """Points in time, `step` apart; each shows the last sample that was scraped by then."""

    def __init__(self, start: datetime, step: timedelta, points: int) -> None:
        self.start, self.step, self.points = start, step, points
        self.seconds = step.total_seconds()
        self.times: Floats = np.asarray(
            start.timestamp() + np.arange(points) * self.seconds, dtype=np.float64
        )
        self._found: dict[tuple[bytes, float], tuple[np.ndarray, Flags]] = {}

    def cells(self, times: Floats, patience: float = 0.0) -> tuple[np.ndarray, Flags]:
        """For each point the index of its sample, and whether it is recent enough to count."""
        name = times.tobytes(), patience  # all series of a target share their times
        if name not in self._found:
            index = np.searchsorted(times, self.times + 1e-6, side="right") - 1
            age = self.times - times[np.maximum(index, 0)]
            most = max(LATE * self.seconds, patience)
            self._found[name] = np.maximum(index, 0), (index >= 0) & (age <= most)
        return self._found[name]

    def place(self, times: Floats, values: Floats, patience: float = 0.0) -> Floats:
        index, fresh = self.cells(times, patience)
        return np.where(fresh, values[index], np.nan)


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


def series_of(
    signal: Signal,
    raw: Mapping[str, Sequence[RawSeries]],
    grid: Grid,
    scrapes: Mapping[tuple[str, str], Floats],
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
            values = _summed(above, grid, scrapes, rate=True)
        elif signal.read == "quantile":
            values = _quantile(above, grid, scrapes, signal.quantile)
        else:
            gained, base = (_summed(x, grid, scrapes) for x in (above, below))
            if signal.read == "ratio":  # no error yet is zero errors
                gained = np.where(np.isnan(gained), 0.0, gained)
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(base > 0, gained / base, np.nan)
        made[group] = np.where(scraped, values, np.nan) * signal.scale, scraped
    return made


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


def scrape_times(up: Sequence[RawSeries]) -> dict[tuple[str, str], Floats]:
    """When each target was scraped with success, by (job, instance)."""
    return {_target(s): s.times[s.values > 0] for s in up}


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


def _target(series: RawSeries) -> tuple[str, str]:
    return series.labels.get("job", ""), series.labels.get("instance", "")


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


def _scraped(
    series: Sequence[RawSeries], grid: Grid, scrapes: Mapping[tuple[str, str], Floats]
) -> Flags:
    """Points at which at least one target of the group answered.

    A counter that its process has not touched since a restart is absent, and that is zero, not
    missing: so the target's own scrapes count, not the series' samples.
    """
    found = np.zeros(grid.points, dtype=bool)
    for target in {_target(s) for s in series}:
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


def _summed(
    series: Sequence[RawSeries],
    grid: Grid,
    scrapes: Mapping[tuple[str, str], Floats],
    *,
    rate: bool = False,
) -> Floats:
    """Gains of several counters (a second, with `rate`); absent counters gain nothing."""
    if not series:
        return np.full(grid.points, np.nan)
    total = np.zeros(grid.points)
    unknown = np.ones(grid.points, dtype=bool)
    for one in series:
        anchor = scrapes.get(_target(one))
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


def _quantile(
    series: Sequence[RawSeries],
    grid: Grid,
    scrapes: Mapping[tuple[str, str], Floats],
    q: float,
) -> Floats:
    """Prometheus' own interpolation within the bucket, over the last `SMOOTH` intervals."""
    edges: dict[float, list[RawSeries]] = defaultdict(list)
    for one in series:
        edges[float(one.labels.get("le", "inf").replace("+Inf", "inf"))].append(one)
    if len(edges) < 2:
        return np.full(grid.points, np.nan)
    bounds = np.array(sorted(edges))
    gains = np.stack([_summed(edges[edge], grid, scrapes) for edge in bounds])
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
