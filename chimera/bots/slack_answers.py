"""An answer of a conversation as a Slack message: text, tables, charts, evidence, two buttons."""

from __future__ import annotations

from chimera.agents.chat.shape import Reply, Table
from chimera.agents.chat.sparkline import sparkline
from chimera.bots.drafts import LOOKING
from chimera.bots.slack_blocks import SECTION, Block, button, cut, escaped, links, section, small
from chimera.bots.slack_hearing import CANCEL, CONFIRM

ROWS, CELL = 30, 60  # of a table that fits into one section
PIECES = 5  # of evidence
TEXTS = 8  # sections of words
PARTS = 8  # tables, charts and quotes each, within Slack's fifty blocks


def rendered(reply: Reply, asked: str = "") -> tuple[str, list[Block]]:
    """(fallback text, blocks). `asked` names the question that the buttons answer; "": none."""
    text = reply.text
    if reply.options:
        text += "".join(f"\n{at}. {option}" for at, option in enumerate(reply.options, 1))
    shown = cut(escaped(text), SECTION) or "\N{EM DASH}"
    blocks = [section(part) for part in parted(escaped(text))[:TEXTS]] or [section(shown)]
    blocks += [fixed(laid_out(table)) for table in reply.tables[:PARTS]]
    blocks += [fixed(sparkline(chart)) for chart in reply.charts[:PARTS]]
    blocks += [quoted(quote) for quote in reply.quotes[:PARTS]]
    for piece in reply.evidence[:PIECES]:
        if piece.link:
            blocks += links({cut(piece.claim, 200): piece.link})
        else:
            blocks.append(small(f"{piece.id}: {piece.claim}"))
    if reply.made is not None:
        by = f"answered by the rules: {reply.made.instead}" if reply.made.instead else "model"
        blocks.append(small(f"{by} {reply.made.model}, prompt {reply.made.prompt}"))
    if reply.partial:
        blocks.append(small("some data could not be read"))
    if asked:
        yes, no = button("Confirm", CONFIRM, asked, "primary"), button("Cancel", CANCEL, asked)
        blocks.append({"type": "actions", "block_id": "chimera_asked", "elements": [yes, no]})
    return shown, blocks


def drafted(text: str) -> tuple[str, list[Block]]:
    """The words so far of an answer that is being written."""
    said = cut(escaped(text), SECTION)
    return said or LOOKING, [*([section(said)] if said else []), small(LOOKING)]


def parted(text: str) -> list[str]:
    """A long text in parts that each fit into a section, cut between lines or words."""
    parts = []
    while len(text) > SECTION:
        at = max(text.rfind("\n", SECTION // 2, SECTION), text.rfind(" ", SECTION // 2, SECTION))
        at = at if at > 0 else SECTION
        parts.append(text[:at])
        text = text[at:].lstrip()
    return [*parts, text] if text else parts


def laid_out(table: Table) -> str:
    """Columns under each other, as wide as their widest cell."""
    rows = [tuple(cut(" ".join(cell.split()), CELL) for cell in row) for row in table.rows[:ROWS]]
    every = [table.columns, *rows]
    wide = [max(len(row[at]) for row in every) for at in range(len(table.columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()
        for row in every
    ]
    if len(table.rows) > ROWS:
        lines.append(f"… {len(table.rows) - ROWS} more")
    return "\n".join(lines)


def fixed(text: str) -> Block:
    """Text in which columns stay columns; it cannot end its own frame."""
    return section(f"```{cut(escaped(text.replace('`', chr(39))), SECTION - 6)}```")


def quoted(text: str) -> Block:
    """What others wrote, set apart as theirs."""
    lines = escaped(text).splitlines()[:40]
    return section("\n".join(f"> {line}" for line in lines))
