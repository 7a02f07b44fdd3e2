"""Compare every watched signal before and since an onset: the look that diagnosis stands on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from chimera.detection.base import Block, Flags, SeriesKey
from chimera.diagnosis.case import Key, Watched
from chimera.diagnosis.hypothesis import NAMES, number
from chimera.diagnosis.shift import ENOUGH, Shift, measure, peer_spreads
from chimera.domain import Evidence, Principal, Refused, Signal, SignalKind, moment
from chimera.platform.observability.window import Window
from chimera.tools.base import Look, evidence_id, tool

MOVED = 0.3  # severity from which a series is worth showing
BASELINE = 24  # samples that a baseline must keep
SHOWN = 12  # samples in an excerpt
OF_A_PROCESS = frozenset({SignalKind.MEMORY})  # a new process is compared with itself


@dataclass(frozen=True)
class Compared:
    """Numbers for the ranking, and the evidence that shows each of them."""

    series: tuple[Watched, ...]
    evidence: dict[Key, Evidence] = field(default_factory=dict)
    replicas: dict[str, int] = field(default_factory=dict)  # that answer their scrape, by service


@tool
async def compare_metrics(
    began: datetime,
    until: datetime,
    services: tuple[str, ...] = (),
    baseline_minutes: float = 15,
    leave_out: tuple[tuple[datetime, datetime, tuple[str, ...]], ...] = (),
    *,
    who: Principal,
    window: Window,
) -> Look:
    """Compare all watched signals of some services (of all, if none is named) with what they were
    before `began`. Use first: it tells what changed, by how much and since when. `leave_out` are
    stretches of earlier trouble, which are no baseline: from, to, and for whom (nobody: for all)."""
    if until <= began:
        raise Refused(f"cannot compare: `until` {until:%H:%M:%S} is not after `began`")
    end = window.grid_end(until)
    start = window.grid_end(began - timedelta(minutes=baseline_minutes))
    reading = await window.read(start, end)
    onset = window.grid_end(began) - window.step
    sick = troubled(reading.block, leave_out, onset)
    series = tuple(
        watched
        for row, key in enumerate(reading.block.keys)
        if concerns(key, services)
        for watched in [split(reading.block, row, window.signal(key.signal), onset, sick[row])]
    )
    queries = {(k.signal, k.service, k.labels): k.query for k in reading.block.keys}
    peers = peer_spreads(series)
    found: list[tuple[float, Key, Evidence]] = []
    for watched in series:
        shift = measure(watched, peers.get(watched.signal, 0.0))
        if shift is None or (shift.severity < MOVED and watched.kind is not SignalKind.TRAFFIC):
            continue
        query = queries[watched.key]
        evidence = shown(watched, shift, query, start, end, window, reading.partial)
        rank = 0.0 if watched.kind is SignalKind.TRAFFIC else shift.severity
        found.append((rank, watched.key, evidence))
    found.sort(key=lambda item: (-item[0], item[1]))
    by_key = {key: evidence for _, key, evidence in found}
    compared = Compared(series, by_key, await answering(reading.block.keys, window, end))
    return Look(tuple(by_key.values()), compared, reading.partial)


async def answering(keys: Iterable[SeriesKey], window: Window, at: datetime) -> dict[str, int]:
    """How many processes of each service answer their scrape, by the label its signals name it by."""
    named: dict[str, set[str]] = {}
    for key in keys:
        named.setdefault(window.signal(key.signal).service_label, set()).add(key.service)
    found: dict[str, int] = {}
    for label, services in sorted(named.items()):
        answer = await window.prometheus.instant(f"count by ({label}) (up == 1)", at)
        for series in answer.series:
            if (service := series.labels.get(label, "")) in services:
                found[service] = max(found.get(service, 0), int(series.values[-1]))
    return found


def concerns(key: SeriesKey, services: Collection[str]) -> bool:
    """Whether a series is about one of these services, steps or datasets."""
    return not services or key.service in services or any(v in services for _, v in key.labels)


def troubled(
    block: Block, stretches: Iterable[tuple[datetime, datetime, Collection[str]]], onset: datetime
) -> Flags:
    """The points before the onset that belong to earlier trouble, (series, time).

    None of a series that would keep too few.
    """
    times = block.start.timestamp() + np.arange(block.values.shape[1]) * block.step.total_seconds()
    usual = times < onset.timestamp()
    sick = np.zeros(block.values.shape, dtype=bool)
    for start, end, nodes in stretches:
        rows = np.array([concerns(key, nodes) for key in block.keys], dtype=bool)
        sick[rows] |= (times >= start.timestamp()) & (times <= end.timestamp()) & usual
    sick[(usual & ~sick).sum(axis=1) < BASELINE] = False
    return sick


def split(block: Block, row: int, signal: Signal, onset: datetime, sick: Flags) -> Watched:
    """One row of a block, cut at the onset."""
    at = int(np.clip(round((onset - block.start) / block.step), 0, block.values.shape[1]))
    key = block.keys[row]
    values = np.where(sick, np.nan, block.values[row])
    if signal.kind in OF_A_PROCESS and block.settling is not None:
        values[: lives_since(block.settling[row], at)] = np.nan
    return Watched(
        signal=key.signal,
        kind=signal.kind,
        service=key.service,
        before=values[:at],
        since=values[at:],
        onset=(block.start + block.step * at).timestamp(),
        step=block.step.total_seconds(),
        labels=dict(key.labels),
        bad=signal.bad,
        floor=signal.floor,
        limit=signal.limit,
        unit=signal.unit,
    )


def lives_since(settling: Flags, onset: int) -> int:
    """The first point of the process that was there at the onset; 0 if that was too short before."""
    started = np.flatnonzero(settling[:onset])
    first = int(started[-1]) + 1 if len(started) else 0
    return first if onset - first >= ENOUGH else 0


def shown(
    watched: Watched,
    shift: Shift,
    query: str,
    start: datetime,
    end: datetime,
    window: Window,
    partial: bool,
) -> Evidence:
    """One shift as evidence that a person can open."""
    what = f"{NAMES[watched.kind]} ({watched.signal}) of {watched.service}"
    if watched.labels:
        what += " {" + ", ".join(f"{k}={v}" for k, v in sorted(watched.labels.items())) + "}"
    at = moment(shift.began)
    if shift.gone:
        claim = f"{watched.service} stopped answering its scrape around {at:%H:%M:%S}"
    else:
        verb = "rose" if shift.now > shift.before else "fell"
        before, now = (number(value, watched.unit) for value in (shift.before, shift.now))
        claim = f"{what} {verb} from {before} to {now}"
        claim += f", since {at:%H:%M:%S} UTC"
    newest = " ".join("-" if np.isnan(v) else number(v) for v in watched.since[-SHOWN:])
    usual = watched.before[np.isfinite(watched.before)]
    low, high = (number(float(q)) for q in np.percentile(usual, [5, 95]))
    excerpt = (
        f"before: median {number(shift.before)}, 5 to 95 %: {low} to {high} ({len(usual)} samples)\n"
        f"newest samples, {watched.step:g} s apart: {newest}"
    )
    return Evidence(
        id=evidence_id("compare_metrics", query, start, end),
        tool="compare_metrics",
        claim=claim,
        query=query,
        began=start,
        ended=end,
        excerpt=excerpt,
        link=window.prometheus.link(query, end - start),
        partial=partial,
    )
