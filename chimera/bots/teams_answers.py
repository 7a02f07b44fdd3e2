"""An answer of a conversation as an Adaptive Card: text, tables, charts, evidence, two buttons."""

from __future__ import annotations

from collections.abc import Sequence

from chimera.agents.chat.shape import Reply, Table
from chimera.agents.chat.sparkline import sparkline
from chimera.bots.charts import charted
from chimera.bots.drafts import LOOKING
from chimera.bots.teams_elements import TITLE, Card, Element, button, card, cut, links, table, text
from chimera.bots.teams_hearing import CANCEL, CONFIRM

ROWS = 20
PIECES = 5  # of evidence
PARTS = 8  # tables, charts and quotes each


def rendered(
    reply: Reply, asked: str = "", word: str = "", charts: Sequence[Element] = ()
) -> tuple[str, Card]:
    """(what a notification shows, card). `asked` names the question that the buttons answer, `word`
    is what was given in their place; `charts` are pictures of the reply's charts."""
    body: list[Element] = [text(reply.text.strip() or "\N{EM DASH}")]
    body += [text(f"{at}. {option}") for at, option in enumerate(reply.options, 1)]
    body += [text(word, isSubtle=True)] if word else []
    for one in reply.tables[:PARTS]:
        body += shown(one)
    lines = [chart for chart in reply.charts if not charts or chart not in charted(reply)]
    body += [text(sparkline(chart), fontType="Monospace") for chart in lines[:PARTS]]
    body += charts
    body += [text(f"│ {quote}", isSubtle=True, italic=True) for quote in reply.quotes[:PARTS]]
    for piece in reply.evidence[:PIECES]:
        if piece.link:
            body.append(links({cut(piece.claim, TITLE): piece.link}))
        else:
            body.append(text(f"{piece.id}: {piece.claim}", isSubtle=True))
    if reply.made is not None:
        by = f"answered by the rules: {reply.made.instead}" if reply.made.instead else "model"
        body.append(text(f"{by} {reply.made.model}, prompt {reply.made.prompt}", isSubtle=True))
    if reply.partial:
        body.append(text("some data could not be read", isSubtle=True))
    data = {"asked": asked}
    buttons = [button("Confirm", CONFIRM, data, "positive"), button("Cancel", CANCEL, data)]
    return cut(reply.text, TITLE), card(body, buttons if asked else ())


def drafted(said: str) -> tuple[str, Card]:
    """The words so far of an answer that is being written."""
    words = [text(said)] if said else []
    return cut(said, TITLE) or LOOKING, card([*words, text(LOOKING, isSubtle=True)])


def said_plainly(said: str) -> tuple[str, Card]:
    """A word to somebody, as a card: so that none of it becomes markup."""
    return cut(said, TITLE), card([text(said.strip() or "\N{EM DASH}")])


def shown(one: Table) -> list[Element]:
    rows = [tuple(cut(cell, 100) for cell in row) for row in one.rows[:ROWS]]
    parts = [table(one.columns, rows)]
    if len(one.rows) > ROWS:
        parts.append(text(f"… {len(one.rows) - ROWS} more", isSubtle=True))
    return parts
