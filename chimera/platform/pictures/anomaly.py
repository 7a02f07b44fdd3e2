"""The picture of one anomaly, for a chat message, the console, a ticket or a post-mortem."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Literal

import numpy as np

from chimera.detection.base import CAP, Bounds
from chimera.domain import Anomaly, Series, Signal, SignalKind
from chimera.domain.units import number
from chimera.platform.pictures.canvas import Drawing
from chimera.platform.pictures.draw import draw
from chimera.platform.pictures.frame import Span

SHARES = frozenset({SignalKind.ERRORS, SignalKind.NULLS, SignalKind.DUPLICATES})


def picture(
    anomaly: Anomaly,
    series: Series,
    bounds: Bounds | None = None,
    *,
    form: Literal["png", "svg"] = "png",
    signal: Signal | None = None,
    zone: tzinfo = UTC,
) -> bytes:
    """PNG or SVG, below 60 kB.

    `series` is the anomaly's own, some time before and after (`Window.series` reads it). `bounds`
    is what was expected at each of its points (one row); without it the band that the anomaly
    carries, frozen at its onset, is drawn. `signal` tells the unit and the limit.
    """
    drawing = drawn(anomaly, series, bounds, signal=signal, zone=zone)
    return drawing.png() if form == "png" else drawing.svg().encode()


def drawn(
    anomaly: Anomaly,
    series: Series,
    bounds: Bounds | None = None,
    *,
    signal: Signal | None = None,
    zone: tzinfo = UTC,
) -> Drawing:
    """The same, before it is written."""
    values = np.asarray(series.values, dtype=np.float64)
    times = [series.start + series.step * n for n in range(values.size)]
    if bounds is None:
        frozen = (
            np.full(values.size, edge) for edge in (anomaly.low, anomaly.expected, anomaly.high)
        )
        bounds = Bounds(*frozen)
    unit = unit_of(signal, series)
    ended: datetime | None = anomaly.seen if anomaly.over else None
    return draw(
        times,
        values,
        bounds,
        [Span(anomaly.began, ended)],
        title=title(anomaly, unit),
        subtitle=subtitle(anomaly, zone),
        unit=unit,
        limit=signal.limit if signal else None,
        zone=zone,
    )


def title(anomaly: Anomaly, unit: str) -> str:
    """What is odd, in a line."""
    what = anomaly.signal.replace("_", " ")
    whose = ", ".join(v for _, v in sorted(anomaly.labels.items()) if v)
    what += f" of {whose}" if whose else ""
    if anomaly.direction == "missing":
        return f"{anomaly.service}: {what} is missing"
    if anomaly.foreseen:
        return f"{anomaly.service}: {what} {anomaly.foreseen}"
    seen = number(anomaly.observed, unit)
    return (
        f"{anomaly.service}: {what} is {seen}, "
        f"expected {number(anomaly.least, unit)} to {number(anomaly.high, unit)}"
    )


def subtitle(anomaly: Anomaly, zone: tzinfo) -> str:
    """Since when, who says so, how sure."""
    began = anomaly.began.astimezone(zone)
    until = anomaly.seen.astimezone(zone)
    when = (
        f"{began:%d %b %H:%M:%S} to {until:%H:%M:%S}"
        if anomaly.over
        else f"since {began:%d %b %H:%M:%S}"
    )
    name = "UTC" if not began.utcoffset() else began.tzname()
    sure = "" if anomaly.direction == "missing" else f"; {chance(anomaly.surprise)} by chance"
    if anomaly.foreseen:
        sure = f"; {min(100 * (1 - 10**-anomaly.surprise), 99):.0f} % likely"
    return f"{when} {name}, found by {anomaly.detector}{sure}"


def chance(surprise: float) -> str:
    """Decades as people say them: 6 is one in a million."""
    if surprise < 3:
        return f"1 in {10**surprise:.0f}"
    if surprise >= CAP:
        return f"less than {chance(CAP - 1e-9)}"
    for size, word in ((9, "billion"), (6, "million"), (3, "thousand")):
        if surprise >= size:
            return f"1 in {10 ** (surprise - size):.0f} {word}"
    return "-"


def unit_of(signal: Signal | None, series: Series) -> str:
    """The unit of a signal, from how it is read and from its metric's name."""
    if signal is None:
        return (
            "share"
            if series.kind in SHARES
            else "seconds"
            if series.kind is SignalKind.LATENCY
            else ""
        )
    return signal.unit
