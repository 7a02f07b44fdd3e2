"""A chart as one line of text, for whoever shows no picture."""

from __future__ import annotations

from collections.abc import Sequence

from chimera.agents.chat.shape import Chart
from chimera.agents.chat.telling import number

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 60


def sparkline(chart: Chart) -> str:
    """One line of bars, least to most; a gap where there is no value."""
    values = squeezed(chart.values, WIDTH)
    title = " ".join(chart.title.split())
    known = [v for v in values if v is not None]
    if not known:
        return f"{title}: no value"
    low, high = min(known), max(known)
    spread = (high - low) or 1.0
    bars = "".join(
        " " if v is None else BARS[min(int((v - low) / spread * len(BARS)), len(BARS) - 1)]
        for v in values
    )
    since = f"{chart.since:%H:%M}" if chart.since else ""
    until = f"{chart.until:%H:%M}" if chart.until else ""
    ends = f"{number(low, chart.unit)} to {number(high, chart.unit)}"
    return f"{title}\n  {since} {bars} {until}  {ends}"


def squeezed(values: Sequence[float | None], width: int) -> list[float | None]:
    """At most `width` points: of each stretch the largest, so that no peak is lost."""
    if len(values) <= width:
        return list(values)
    found: list[float | None] = []
    for at in range(width):
        piece = values[at * len(values) // width : (at + 1) * len(values) // width]
        known = [v for v in piece if v is not None]
        found.append(max(known) if known else None)
    return found
