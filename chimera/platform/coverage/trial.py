"""Proposals tried on the recent past: what has data stays, floors come from the usual level."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from chimera.detection.base import Floats
from chimera.domain import SignalKind
from chimera.platform.coverage.proposal import LeftOut, Proposal
from chimera.platform.observability.prometheus import Prometheus
from chimera.platform.observability.window import Window

LEAST = timedelta(minutes=15)
MILLIS = ("_ms", "_milliseconds", "_millis")
MICROS = ("_us", "_microseconds", "_micros")
# Without a level to go by: one event in ten seconds, 25 MB, 50 ms.
FLOORS = {
    SignalKind.TRAFFIC: 0.2,
    SignalKind.FAILURES: 0.1,
    SignalKind.MEMORY: 25e6,
    SignalKind.LATENCY: 0.05,
    SignalKind.CPU: 0.1,
    SignalKind.FRESHNESS: 15.0,
}


async def tried(
    prometheus: Prometheus,
    proposals: Sequence[Proposal],
    step: timedelta,
    now: datetime,
    done: Callable[[int], None] = lambda _: None,
) -> tuple[list[Proposal], list[LeftOut]]:
    """Read each row as the worker will, a few at a time. Raises Unavailable, Refused."""
    past = max(LEAST, step * 20)
    kept: list[Proposal] = []
    left: list[LeftOut] = []
    for several in _lumps(proposals):
        window = Window(prometheus, [p.signal for p in several], step=step, history=past)
        end = window.grid_end(now)
        block = (await window.read(end - past, end)).block
        for one in several:
            rows = [i for i, key in enumerate(block.keys) if key.signal == one.signal.name]
            values = block.values[rows]
            if not np.isfinite(values).any() and one.signal.read != "ratio":
                minutes = past.total_seconds() / 60
                why = f"no value in the last {minutes:.0f} minutes"
                left.append(LeftOut(one.signal.metric, why))
                continue
            kept.append(_fitted(one, values))
        done(len(several))
    return kept, left


def bounded(
    proposals: Iterable[Proposal], most_series: int, most_raw: int
) -> tuple[list[Proposal], list[LeftOut]]:
    """What fits: the most telling rows first; a row that does not fit is left out whole."""
    kept: list[Proposal] = []
    left: list[LeftOut] = []
    series, raw = 0, 0
    for one in sorted(proposals, key=lambda p: p.rank):
        if series + one.groups > most_series:
            why = f"{one.groups} more series would be more than --max-series {most_series}"
            left.append(LeftOut(one.signal.metric, why))
        elif raw + one.raw > most_raw:
            why = f"{one.raw} more raw series would be more than {most_raw} at each look"
            left.append(LeftOut(one.signal.metric, why))
        else:
            kept.append(one)
            series, raw = series + one.groups, raw + one.raw
    return kept, left


def services_of(proposals: Iterable[Proposal]) -> Mapping[str, set[str]]:
    """Service: the names of its signals."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in proposals:
        for service in one.services:
            found[service].add(one.signal.name)
    return found


def _fitted(one: Proposal, values: Floats) -> Proposal:
    """The floor a convention has, else a share of the level that is usual for most services."""
    if one.signal.floor:
        return one
    known = values[np.isfinite(values).any(axis=1)]
    levels = np.abs(np.nanmedian(known, axis=1)) if known.size else np.zeros(0)
    usual = float(np.median(levels[levels > 0])) if (levels > 0).any() else 0.0
    least = FLOORS.get(one.signal.kind, 1.0)
    if one.signal.kind is SignalKind.LATENCY:
        least *= 1e3 if one.family.endswith(MILLIS) else 1e6 if one.family.endswith(MICROS) else 1
    floor = _round(max(one.share * usual, least))
    why = one.why
    if floor > least:
        why += f"; floor: {one.share:.0%} of the usual {usual:.3g}"
    return replace(one, signal=one.signal.model_copy(update={"floor": floor}), why=why)


def _round(value: float) -> float:
    """Two digits: more would say that it is known."""
    return float(f"{value:.2g}") if math.isfinite(value) else 1.0


def _lumps(proposals: Sequence[Proposal], most: int = 4_000) -> Iterable[list[Proposal]]:
    """Several rows at once, so many raw series at most."""
    lump: list[Proposal] = []
    for one in proposals:
        if lump and sum(p.raw for p in lump) + one.raw > most:
            yield lump
            lump = []
        lump.append(one)
    if lump:
        yield lump
