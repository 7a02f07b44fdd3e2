"""How far one series moved from what it was: robust, and blind to units and idle series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, factorial, log10

import numpy as np

from chimera.diagnosis.case import Values, Watched
from chimera.diagnosis.leaks import TREND, leaks, present
from chimera.domain import SignalKind

ENOUGH = 6  # samples before the onset, without which nothing can be said
RECENT = 3  # samples that tell how it is now: a blip that has passed does not count
CLEAR = 3.0  # shifts below so many spreads are noise
TOLD = 6.0  # spreads that the smallest change worth telling is at least
SPARSE = 5  # the same for counts of rare events, of which a single sample says little
RARE = frozenset({SignalKind.FAILURES, SignalKind.CREDENTIAL})


@dataclass(frozen=True)
class Shift:
    """One series, before and now. `severity` is 0 for noise and nears 1 for what is beyond doubt."""

    watched: Watched
    before: float  # its usual level, in its own unit
    now: float  # the level of the newest samples
    z: float  # (now - before) in spreads
    severity: float  # in the direction that means trouble
    began: float  # Unix seconds at which it left its usual band
    fullness: float = 0.0  # share of its limit, if it has one to fill
    rising: bool = False  # a steady trend towards trouble
    gone: bool = False  # was there, and is missing now

    @property
    def ratio(self) -> float:
        """The level now against the usual one; 1 where there is none."""
        return self.now / self.before if self.before > 0 else 1.0


def spread(values: Values) -> float:
    """A scale that outliers do not move: the larger of MAD and interquartile range, as sigmas."""
    median = np.median(values)
    low, high = np.percentile(values, [25, 75])
    return float(max(1.4826 * np.median(np.abs(values - median)), (high - low) / 1.349))


def peer_spreads(series: Iterable[Watched]) -> dict[str, float]:
    """Per signal, the median spread of the services where it varies at all.

    It is the fallback for a series that never moved; idle ones have no say in it.
    """
    found: dict[str, list[float]] = {}
    for watched in series:
        before = present(watched.before)
        if len(before) >= ENOUGH and (scale := spread(before)) > 0:
            found.setdefault(watched.signal, []).append(scale)
    return {signal: float(np.median(scales)) for signal, scales in found.items()}


def severity_of(z: float) -> float:
    """0 up to CLEAR spreads, .53 at 6, .83 at 10, near 1 from 20 on."""
    return float(1.0 - np.exp(-max(0.0, z - CLEAR) / 4.0))


def severity_of_events(before: Values, newest: Values) -> float:
    """By how unlikely so many samples with an event are at the rate of before (Poisson).

    One in five where there was none in 300 is .57, two .83, three .94.
    """
    rate = (np.count_nonzero(before > 0) + 0.5) / (len(before) + 1)
    expected, seen = rate * len(newest), int(np.count_nonzero(newest > 0))
    tail = 1.0 - exp(-expected) * sum(expected**k / factorial(k) for k in range(seen))
    return 1.0 - exp(log10(max(tail, 1e-12)) / 2.5)


def measure(watched: Watched, peer: float = 0.0) -> Shift | None:
    """Compare the newest samples with those before the onset; None if there are too few.

    The spread cannot be zero: it falls back on 5 % of the level, a sixth of the floor, a tenth of
    the peers' spread, and at last 5 % of the shift itself.
    """
    before = present(watched.before)
    if len(before) < ENOUGH:
        return None
    usual = float(np.median(before))
    newest = present(watched.since[-RECENT:])
    if watched.kind in RARE:
        newest = present(watched.since[-SPARSE:])
    if not len(newest):
        gone = len(watched.since) >= RECENT and watched.kind is SignalKind.PRESENCE
        severity = 1.0 if gone and usual > 0 else 0.0
        return Shift(watched, usual, float("nan"), 0.0, severity, watched.onset, gone=gone)
    now = float(np.mean(newest) if watched.kind in RARE else np.median(newest))
    scale = max(spread(before), 0.05 * abs(usual), watched.floor / TOLD, 0.1 * peer)
    if scale <= 0:
        scale = 0.05 * abs(now - usual) or 1.0
    z = (now - usual) / scale
    towards = {"up": z, "down": -z, "both": abs(z), "none": abs(z)}[watched.bad]
    rising = leaks(watched, scale, CLEAR)
    severity = severity_of(towards)
    if watched.kind in RARE and watched.bad == "up" and now >= watched.floor / 2:
        # Where nothing ever failed, a few failures in a row are beyond doubt however slow the runs.
        severity = max(severity, severity_of_events(before, newest))
    fullness = now / watched.limit if watched.limit and watched.bad != "down" else 0.0
    if beyond(watched, now):
        # Beyond its limit it is trouble however usual, but what is usual explains nothing new.
        severity = max(severity, 0.9 if towards >= CLEAR else 0.3)
    if rising:
        severity = max(severity, 0.75)
    gone = watched.kind is SignalKind.PRESENCE and usual > 0 and now < 0.5 * min(usual, 1.0)
    began = departed(watched, usual, scale)
    return Shift(watched, usual, now, z, severity, began, fullness, rising, gone)


def beyond(watched: Watched, value: float) -> bool:
    """Whether a value is over its limit; under it, where it is the fall that means trouble."""
    if not watched.limit:
        return False
    if watched.bad == "down":
        return value < watched.limit
    return watched.bad == "up" and value >= watched.limit


def departed(watched: Watched, usual: float, scale: float) -> float:
    """When the last unbroken stay outside the usual band began; the onset if it never left it."""
    values = np.concatenate([watched.before, watched.since])
    outside = np.abs(values - usual) > CLEAR * scale  # a missing sample is not outside
    start = watched.onset - len(watched.before) * watched.step
    index, lenient = len(values), 0
    for at in range(len(values) - 1, -1, -1):
        if outside[at]:
            index, lenient = at, 0
        elif index < len(values):
            lenient += 1
            if lenient > 2:  # single samples inside do not end a stay
                break
        elif len(values) - at > RECENT:
            break
    return watched.onset if index == len(values) else start + index * watched.step


def growth(watched: Watched) -> float:
    """How many times its usual level a traffic has now; 1 while it is within the usual.

    Usual is the upper part of all that is known (a daily peak is no surge), or what it was just
    before with room for a daily rise: the larger answer counts. A fall is told against the median.
    """
    before = present(watched.before)
    newest = present(watched.since[-RECENT:])
    if len(before) < ENOUGH or not len(newest):
        return 1.0
    now, usual = float(np.median(newest)), float(np.median(before))
    just = present(watched.before[-TREND:])
    peak, lately = float(np.percentile(before, 85)), float(np.median(just)) if len(just) else usual
    if usual <= 0 or lately <= 0:
        return 1.0
    up = max(now / peak, now / lately / 1.25)
    if up > 1.0:
        return up
    return min(1.0, now / usual) if now < 0.5 * float(np.percentile(before, 5)) else 1.0


def without_traffic(watched: Watched, traffic: Watched | None) -> Watched:
    """The series less what the service's traffic explains, learnt by a line before the onset.

    More requests take more CPU, connections and workers; only what is beyond that is news. Left
    as it is when traffic did not explain it before either.
    """
    if traffic is None or len(traffic.before) != len(watched.before):
        return watched
    if len(traffic.since) != len(watched.since):
        return watched
    both = np.isfinite(watched.before) & np.isfinite(traffic.before)
    if both.sum() < 2 * ENOUGH:
        return watched
    x, y = traffic.before[both], watched.before[both]
    if x.std() <= 0 or y.std() <= 0 or np.corrcoef(x, y)[0, 1] < 0.5:
        return watched
    slope = float(np.cov(x, y)[0, 1] / x.var(ddof=1))
    centre = float(np.median(x))
    return Watched(
        signal=watched.signal,
        kind=watched.kind,
        service=watched.service,
        before=watched.before - slope * (traffic.before - centre),
        since=watched.since - slope * (traffic.since - centre),
        onset=watched.onset,
        step=watched.step,
        labels=watched.labels,
        bad=watched.bad,
        floor=watched.floor,
        limit=watched.limit,
        unit=watched.unit,
    )
