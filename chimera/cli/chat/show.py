"""An answer in the terminal: text, tables, sparklines, what others wrote set apart."""

from __future__ import annotations

import textwrap

from chimera.agents.chat.shape import Reply
from chimera.agents.chat.sparkline import sparkline
from chimera.cli.base.output import line, say, table
from chimera.domain.dialogue import Made


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
