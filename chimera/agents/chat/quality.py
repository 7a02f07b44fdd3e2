"""How good the data is: empty fields, rows, schema, of the files and of the signals."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from chimera.agents.chat.figures.asking import no_column
from chimera.agents.chat.figures.columns import exactly
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import failed, unknown, which
from chimera.domain import SignalKind
from chimera.platform.access.datasets import Column

K = SignalKind
EMPTY = re.compile(
    r"\b(?:complete|completeness|incomplete|empty|emptiness|missing|filled|unfilled|nulls?|blanks?|populated|unset|"
    r"without (?:an? )?|have no|has no|with no|lacks?|lacking)\b"
)
FIELD = re.compile(r"\b(?:(?P<before>\w+) (?:column|field)|(?:column|field) (?P<after>\w+))\b")
NOT_NAMES = (
    "which",
    "what",
    "any",
    "every",
    "each",
    "the",
    "in",
    "of",
    "is",
    "are",
    "has",
    "have",
    "empty",
)
TOLD = frozenset((K.NULLS, K.VOLUME, K.SCHEMA, K.DRIFT, K.DUPLICATES, K.LAG))


async def quality(ask: Ask, looks: Looks) -> Reply:
    """Empty fields, rows, schema: of the files and of the signals."""
    if strange := unknown(ask):
        return strange
    if not ask.node:
        return which(ask, "dataset")
    profile = await looks.see("profile_dataset", name=ask.node)
    if profile.data and (one := completeness(ask, *profile.data)):
        return one.model_copy(update={"evidence": profile.evidence})
    signals = await looks.see("signals_now", names=(ask.node,), minutes=30, at=ask.now)
    open_ = await looks.see("list_incidents", state="open", service=ask.node)
    if profile.trouble and (signals.trouble or not signals.data):
        away = failed(profile)
        assert away is not None
        return away
    lines, rows = [], []
    if profile.data:
        total, columns = profile.data
        empty = [c for c in columns if c.nulls > 0]
        lines.append(f"{ask.node} has {total} rows and {len(columns)} columns.")
        if empty:
            told = ", ".join(
                f"{c.name} {c.nulls:.1%}" for c in sorted(empty, key=lambda c: -c.nulls)[:5]
            )
            lines.append(f"Empty fields: {told}.")
        else:
            lines.append("No field is empty.")
        rows = [(c.name, c.type, f"{c.nulls:.1%}", str(c.distinct), c.low, c.high) for c in columns]
    for one in signals.data or ():
        if one.kind in TOLD and not math.isnan(one.value):
            over = " (beyond its limit)" if one.over else ""
            lines.append(f"{one.signal} is {one.value:.3g}{over}.")
    lines += [f"Open: {i.id}, {i.title}." for i in (open_.data or ())[:2]]
    if not open_.data and not open_.trouble:
        lines.append("No incident is open for it.")
    columns_ = ("column", "type", "empty", "different", "least", "greatest")
    return Reply(
        text=" ".join(lines),
        tables=(Table(columns=columns_, rows=tuple(rows)),) if rows else (),
        evidence=(*profile.evidence, *signals.evidence[:4]),
        focus={"node": ask.node},
        partial=bool(profile.trouble or signals.trouble),
    )


def completeness(ask: Ask, total: int, columns: Sequence[Column]) -> Reply | None:
    """How many rows have a value in the columns that are asked about; None where none is."""
    text = ask.reading.text.lower().replace(ask.node.lower(), " ")
    if not EMPTY.search(text):
        return None
    fields = {c.name: c.type for c in columns}
    found = {c for word in re.findall(r"\w+", text) if (c := exactly(word, fields))}
    spoken = FIELD.search(text)
    wanted = (spoken["before"] or spoken["after"]) if spoken else ""
    if not found and wanted and wanted not in NOT_NAMES:
        return no_column(ask.node, wanted, fields)
    if not found:
        return None
    lines = []
    for one in (c for c in columns if c.name in found):
        empty = round(one.nulls * total)
        lines.append(
            f"{one.name} of {ask.node} is {1 - one.nulls:.1%} complete: {empty} of {total} rows "
            f"({one.nulls:.1%}) have no value in it."
        )
    return Reply(text=" ".join(lines), focus={"node": ask.node})
