"""An answer in the terminal: text, tables, sparklines, what others wrote set apart."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from chimera.agents.chat.shape import Chart, Reply
from chimera.agents.chat.telling import number
from chimera.cli.base.output import line, say, table
from chimera.domain.dialogue import Made

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 60


def show(reply: Reply) -> None:
    """Print an answer."""
    for paragraph in reply.text.split("\n"):
        say(textwrap.fill(paragraph, 100) if paragraph else "")
    for at, option in enumerate(reply.options, 1):
        say(f"  {at}. {option}")
    for one in reply.tables:
        say()
        table(one.columns, one.rows, "nothing")
    for chart in reply.charts:
        say()
        say(sparkline(chart))
    for quote in reply.quotes:
        say()
        for text in quote.splitlines()[:40]:
            say(f"  | {line(text)}")
    if reply.evidence:
        say()
        for piece in reply.evidence[:5]:
            say(f"  [{piece.id}] {line(piece.claim)}" + (f"  {piece.link}" if piece.link else ""))
    if reply.made:
        say(f"  ({made(reply.made)})")
    if reply.partial:
        say("  (some data could not be read)")


def made(by: Made) -> str:
    """Which model took part, and what it took."""
    took = f"{by.tokens_in + by.tokens_out} tokens, {by.seconds:.1f} s"
    if by.money:
        took += f", {by.money:.4f}"
    if by.instead:
        return f"answered by the rules: {line(by.instead)}; model {line(by.model)}, {took}"
    return f"model {line(by.model)}, prompt {by.prompt}, {took}"


def sparkline(chart: Chart) -> str:
    """One line of bars, least to most; a gap where there is no value."""
    values = squeezed(chart.values, WIDTH)
    known = [v for v in values if v is not None]
    if not known:
        return f"{line(chart.title)}: no value"
    low, high = min(known), max(known)
    spread = (high - low) or 1.0
    bars = "".join(
        " " if v is None else BARS[min(int((v - low) / spread * len(BARS)), len(BARS) - 1)]
        for v in values
    )
    since = f"{chart.since:%H:%M}" if chart.since else ""
    until = f"{chart.until:%H:%M}" if chart.until else ""
    ends = f"{number(low, chart.unit)} to {number(high, chart.unit)}"
    return f"{line(chart.title)}\n  {since} {bars} {until}  {ends}"


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
