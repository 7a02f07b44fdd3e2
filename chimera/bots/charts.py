"""The charts of an answer as pictures, for a chat that shows them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from chimera.agents.chat.shape import Chart, Reply
from chimera.agents.chat.telling import number
from chimera.domain import Picture

MOST = 3  # of one answer
POINTS = 3  # below that there is nothing to see
UNITS = {"s": "seconds", "B": "bytes", "B/s": "bytes/s", "%": "share"}  # as pictures name them


def charted(reply: Reply) -> list[Chart]:
    """The charts that are worth a picture."""
    return [
        one for one in reply.charts if len(known(one)) >= POINTS and span(one)[0] < span(one)[1]
    ][:MOST]


def picture(chart: Chart, name: str, scale: float = 2.0) -> Picture:
    """One chart as PNG, with its figures in words for those who cannot see it.

    `scale`: pixels to a unit, of which it is 900 wide. Takes some tenths of a second: call it in a
    thread. Raises Misconfigured where nothing can be painted.
    """
    import numpy as np

    from chimera.platform.pictures.draw import draw

    since, until = span(chart)
    step = (until - since) / max(len(chart.values) - 1, 1)
    times = [since + step * at for at in range(len(chart.values))]
    values = np.array([math.nan if v is None else v for v in chart.values], dtype=np.float64)
    drawing = draw(times, values, title=chart.title, unit=UNITS.get(chart.unit, chart.unit))
    return Picture(name=f"{name}.png", title=in_words(chart), content=drawing.png(scale))


def in_words(chart: Chart) -> str:
    """What the picture shows."""
    values, (since, until) = known(chart), span(chart)
    low, high, last = (number(v, chart.unit) for v in (min(values), max(values), values[-1]))
    return (
        f"{chart.title}, {since:%H:%M} to {until:%H:%M} UTC: least {low}, most {high}, last {last}"
    )


def known(chart: Chart) -> list[float]:
    return [value for value in chart.values if value is not None]


def span(chart: Chart) -> tuple[datetime, datetime]:
    """From when to when; the same twice where that is not known."""
    nowhere = datetime.min.replace(tzinfo=UTC)
    return chart.since or nowhere, chart.until or chart.since or nowhere
