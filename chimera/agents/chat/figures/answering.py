"""The skill that answers questions over data: the statement is made, checked, shown and run."""

from __future__ import annotations

import re

from chimera.agents.chat.figures.asking import question
from chimera.agents.chat.figures.choosing import chosen
from chimera.agents.chat.figures.question import Question
from chimera.agents.chat.figures.telling import lead, shown
from chimera.agents.chat.quality import EMPTY, quality
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import failed, unknown

SHARED = re.compile(r"\b(?:complete\w*|filled|populated|share|percent\w*|fraction)\b")


async def sql(ask: Ask, looks: Looks) -> Reply:
    """A question over the data, of which no part is left out in silence."""
    if not looks.offered("ask_data"):
        return Reply(
            kind="refused", text="I have no datasets to ask here: no folder of them is configured."
        )
    if ask.reading.sql:
        return await run(ask, looks, ask.reading.sql, None)
    text = ask.reading.text
    before = earlier(ask)
    table, values = await chosen(ask, looks, before.table if before else ask.focus.get("node", ""))
    if not table:
        if strange := unknown(ask):
            return strange
        there = ", ".join(ask.known.columns) or "none"
        return Reply(kind="question", text=f"Which dataset? There are {there}.")
    if strange := stranger(ask, table):
        return strange
    fields = dict(ask.known.columns[table])
    asked = question(text, table, fields, values, ask.now.date(), before)
    if isinstance(asked, Reply):
        return asked.model_copy(update={"focus": {"node": table}})
    bare = [c for c in asked.conditions if c.kind in ("null", "filled")]
    whole = len(asked.conditions) == len(bare) and not asked.groups
    if whole and EMPTY.search(text.lower()) and (SHARED.search(text.lower()) or not bare):
        return await quality(ask, looks)
    return await run(ask, looks, asked.sql(), asked)


def earlier(ask: Ask) -> Question | None:
    """The question that this one goes on from; None where it stands alone."""
    kept = ask.focus.get("asked", "")
    follows = ask.reading.ellipsis or (
        ask.reading.named.pronoun and ask.focus.get("node") in ask.known.columns
    )
    return Question.model_validate_json(kept) if kept and follows else None


def stranger(ask: Ask, table: str) -> Reply | None:
    """A dataset is named that is none: nothing else is asked instead."""
    named = ask.reading.named
    if table in named.nodes or not named.unknown:
        return None
    text = ask.reading.text
    wanted = next(
        (
            w
            for w in named.unknown
            if re.search(
                rf"(?:dataset|table|in|from)\s+(?:the\s+|our\s+)?{re.escape(w)}\b\W*$", text
            )
            or re.search(rf"\b{re.escape(w)} (?:dataset|table)\b", text)
        ),
        "",
    )
    return unknown(ask) if wanted and "_" in wanted else None


async def run(ask: Ask, looks: Looks, statement: str, asked: Question | None) -> Reply:
    """Run it, and say what it found."""
    look = await looks.see("ask_data", sql=statement)
    if away := failed(look):
        return away
    found = look.data
    rows = tuple(tuple(shown(v) for v in row) for row in found.rows)
    cut = " There may be more." if found.cut else ""
    focus = {"node": next((n for n in ask.reading.named.nodes if n in ask.known.columns), "")}
    if asked is not None:
        focus = {"node": asked.table, "asked": asked.model_dump_json()}
    return Reply(
        text=f"{lead(asked, found, rows)}{cut} SQL: `{found.sql}`",
        tables=(Table(columns=found.columns, rows=rows[:50]),),
        evidence=look.evidence,
        focus=focus,
    )
