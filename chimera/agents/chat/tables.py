"""SQL made from words: counts, sums and rankings over real columns of one dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chimera.agents.chat.shape import Ask, Reply
from chimera.platform.access.datasets import quoted
from chimera.platform.access.similar import or_near

NUMERIC = re.compile(r"INT|DOUBLE|FLOAT|DECIMAL|REAL|NUMERIC", re.I)
HOW = (
    (r"average|avg|mean", "avg"),
    (r"median", "median"),
    (r"sum|total|revenue", "sum"),
    (r"maximum|max|largest|highest|biggest", "max"),
    (r"minimum|min|smallest|lowest", "min"),
)
NUMBERS = {"three": 3, "five": 5, "ten": 10, "twenty": 20}
BY = re.compile(r"\b(?:by|per|for each|grouped by)\s+(?:the\s+)?(\w+)", re.I)


def sql_for(ask: Ask) -> str | Reply:
    """One SELECT for what was asked, of names that exist; a reply where it cannot be made."""
    if ask.reading.sql:
        return ask.reading.sql
    columns = ask.known.columns
    table = next((n for n in ask.reading.named.nodes if n in columns), "")
    if not table:
        node = ask.reading.named.nodes[0] if ask.reading.named.nodes else ask.focus.get("node", "")
        table = node if node in columns else ""
    if not table:
        return Reply(
            kind="question", text=f"Which dataset? There are {', '.join(columns) or 'none'}."
        )
    text = ask.reading.text.lower()
    fields = columns[table]
    mentioned = mentions(text, fields)
    groups = [m[1].lower() for m in BY.finditer(text)]
    for group in groups:
        if group not in {c.lower() for c in fields} and group not in ("row", "order", "record"):
            return Reply(
                kind="refused", text=f"{table} has no column {group!r}{or_near(group, fields)}."
            )
    group = next((c for g in groups for c in fields if c.lower() == g), "")
    return built(text, table, fields, mentioned, group)


def mentions(text: str, fields: Mapping[str, str]) -> list[str]:
    """The columns that the text names, in their order in it; a plural names one too."""
    found = []
    for column in fields:
        plainly = re.escape(column.lower()).replace("_", "[_ ]")
        if match := re.search(rf"\b{plainly}s?\b", text):
            found.append((match.start(), column))
    return [column for _, column in sorted(found)]


def built(text: str, table: str, fields: Mapping[str, str], named: list[str], group: str) -> str:
    source = quoted(table)
    limit = re.search(
        r"\b(?:top|first|last|newest|latest|some|show|give me|list)\s+(?:the\s+)?(\d+|three|five|ten|twenty)\b",
        text,
    )
    most = int(NUMBERS.get(limit[1], 0) or limit[1]) if limit else 10
    how = next((name for pattern, name in HOW if re.search(rf"\b(?:{pattern})\b", text)), "")
    values = [c for c in named if c != group]
    if re.search(r"\b(?:distinct|different|unique)\b", text) and values:
        return f"SELECT count(DISTINCT {quoted(values[0])}) AS distinct_values FROM {source}"
    ranked = re.search(r"\b(?:top|most|least|fewest|common|popular)\b", text)
    if re.search(r"\bwhich\b", text) and values and (ranked or how) and not group:
        group, values = values[0], values[1:]
    if re.search(r"\btop\b|\bmost (?:common|popular|frequent)", text) and named:
        # "top 5 sku by amount": what comes after `by` is summed, what comes first is the group.
        measure = group if group and NUMERIC.search(fields[group]) else ""
        first = next((c for c in named if c != measure), named[0])
        what = f"sum({number(measure, fields)})" if measure else "count(*)"
        return grouped(source, first, what, most)
    if group:
        numeric = [c for c in values if c != group]
        what = (
            f"{how or 'sum'}({number(numeric[0], fields)})"
            if numeric and (how or not counts(text))
            else "count(*)"
        )
        return grouped(source, group, what, 50)
    if how and values:
        return f"SELECT {how}({number(values[0], fields, how)}) AS {how}_{safe(values[0])} FROM {source}"
    if counts(text):
        return f"SELECT count(*) AS rows FROM {source}"
    if re.search(r"\b(?:rows|records|sample|lines|first|last|newest|latest)\b", text):
        return f"SELECT * FROM {source} LIMIT {min(most, 50)}"
    return f"SELECT count(*) AS rows FROM {source}"


def counts(text: str) -> bool:
    return bool(re.search(r"\bhow many\b|\bcount\b|\bnumber of\b", text))


def grouped(source: str, group: str, what: str, most: int) -> str:
    by = quoted(group)
    return (
        f"SELECT {by}, {what} AS value FROM {source} GROUP BY {by} ORDER BY value DESC LIMIT {most}"
    )


def number(column: str, fields: Mapping[str, str], how: str = "sum") -> str:
    """The column, as a number where it is kept as text."""
    if NUMERIC.search(fields[column]) or how in ("min", "max"):
        return quoted(column)
    return f"TRY_CAST({quoted(column)} AS DOUBLE)"


def safe(column: str) -> str:
    return re.sub(r"\W", "_", column)
