"""SQL made from words: counts, sums and rankings over real columns of one dataset.

Which column is grouped by and which is added up follows from the columns' types and from where the
words stand: numbers that are spoken of are measures, the noun that is asked for is the group.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chimera.agents.chat.nouns import condition, meant, settled
from chimera.agents.chat.shape import Ask, Reply
from chimera.platform.access.datasets import quoted
from chimera.platform.access.similar import or_near

NUMERIC = re.compile(r"INT|DOUBLE|FLOAT|DECIMAL|REAL|NUMERIC", re.I)
KEY = re.compile(r"(?:^|_)(?:id|key|uuid|no|number|zip|year)$", re.I)  # a number that is no amount
MONEY = re.compile(
    r"amount|price|revenue|cost|total|spend|value|sales|paid|payment|turnover|fee|sum|balance|eur|usd|gbp|income|earning|charge",
    re.I,
)
SPENT = re.compile(
    r"\b(?:spent|spend|spends|spending|paid|pays|money|revenue|turnover|sales|earn\w*|income|worth|expensive|"
    r"brought in|brings in|biggest spender)\b"
)
HOW = (
    (r"average|avg|mean|on average|typical", "avg"),
    (r"median", "median"),
    (r"sum|total|revenue|altogether|overall|in all", "sum"),
    (r"maximum|max|largest|highest|biggest|most expensive|greatest", "max"),
    (r"minimum|min|smallest|lowest|cheapest|least", "min"),
)
NUMBERS = {"three": 3, "five": 5, "ten": 10, "twenty": 20}
BY = re.compile(
    r"\b(?:by|per|for each|for every|in each|grouped by|split by|broken down by)\s+(?:the\s+)?(\w+)",
    re.I,
)
RANKED = re.compile(
    r"\b(?:top|most|least|fewest|common|popular|best|worst|highest|lowest|biggest|largest|smallest|strongest|weakest|leading|busiest|frequent)\b"
)
ELSEWHERE = re.compile(  # a dataset is named, and there is none of that name
    r"\b(?:in|from|dataset|table) (?:the |our )?(?!xcolumn|x?time|it\b|there\b|that\b|this\b|total\b|all\b)[a-z]\w+ ?$"
)
FEWEST = re.compile(r"\b(?:least|fewest|worst|lowest|smallest|weakest|bottom)\b")


def sql_for(ask: Ask) -> str | Reply:
    """One SELECT for what was asked, of names that exist; a reply where it cannot be made."""
    if ask.reading.sql:
        return ask.reading.sql
    columns = ask.known.columns
    table = next((n for n in ask.reading.named.nodes if n in columns), "")
    if not table:
        node = ask.reading.named.nodes[0] if ask.reading.named.nodes else ask.focus.get("node", "")
        table = node if node in columns and not ELSEWHERE.search(ask.reading.named.text) else ""
    if not table:
        return Reply(
            kind="question", text=f"Which dataset? There are {', '.join(columns) or 'none'}."
        )
    text = ask.reading.text.lower()
    for name in (table, table.replace("_", " ")):  # its own words are no columns
        text = text.replace(name.lower(), " ")
    fields = columns[table]
    by = [m[1].lower() for m in BY.finditer(text)]
    for word in by:
        if not meant(word, fields) and word not in ("row", "rows", "order", "record", "count"):
            return no_column(table, word, fields)
    if on := condition(text):
        if not meant(on, fields):
            return no_column(table, on, fields)
        text = (
            f"I make no condition on {meant(on, fields)} out of words. Ask it as SQL, for example "
            f"`SELECT count(*) FROM {table} WHERE {meant(on, fields)} = ...`."
        )
        return Reply(kind="refused", text=text)
    adds = measures(fields)
    single = adds[0] if len(adds) == 1 else ""
    text, stranger, lacking = settled(text, fields, amount("money", fields), single)
    if stranger:
        return no_column(table, stranger, fields)
    known = amount(text, fields) or set(mentions(text, fields)) & set(adds)
    if (spent := SPENT.search(text)) and not counts(text) and not known:
        return no_column(table, spent[0], fields)
    if lacking:
        return Reply(
            kind="question",
            text=f"The {lacking} of which column? {table} has {', '.join(fields)}.",
        )
    return built(text, quoted(table), fields, [c for w in by if (c := meant(w, fields))])


def no_column(table: str, word: str, fields: Mapping[str, str]) -> Reply:
    """The refusal of a noun that is no column, with those that there are."""
    near = or_near(word, fields)
    there = f" {table} has {', '.join(fields)}." if near.endswith("?") else ""
    return Reply(kind="refused", text=f"{table} has no column {word!r}{near}{there or '.'}")


def mentions(text: str, fields: Mapping[str, str]) -> list[str]:
    """The columns that the text names, in their order in it; a plural names one too."""
    found = []
    for column in fields:
        plainly = re.escape(column.lower()).replace("_", "[_ ]")
        plural = plainly[:-1] + "(?:y|ies)" if plainly.endswith("y") else plainly + "s?"
        if match := re.search(rf"\b{plural}\b", text):
            found.append((match.start(), column))
    return [column for _, column in sorted(found)]


def measures(fields: Mapping[str, str]) -> list[str]:
    """The columns that can be added up."""
    return [c for c, kind in fields.items() if NUMERIC.search(kind) and not KEY.search(c)]


def amount(text: str, fields: Mapping[str, str]) -> str:
    """The column of money where money is spoken of; "" if there is none, or more than one."""
    if not SPENT.search(text):
        return ""
    adds = measures(fields)
    money = [c for c in adds if MONEY.search(c)]
    return money[0] if len(money) == 1 else ""


def built(text: str, source: str, fields: Mapping[str, str], by: list[str]) -> str:
    limit = re.search(
        r"\b(?:top|first|last|newest|latest|some|show|give me|list|bottom)\s+(?:the\s+|me\s+)?"
        r"(\d+|three|five|ten|twenty)\b",
        text,
    )
    most = int(NUMBERS.get(limit[1], 0) or limit[1]) if limit else 10
    named = mentions(text, fields)
    how = next((name for pattern, name in HOW if re.search(rf"\b(?:{pattern})\b", text)), "")
    if re.search(r"\b(?:distinct|different|unique)\b", text) and named:
        return f"SELECT count(DISTINCT {quoted(named[0])}) AS distinct_values FROM {source}"
    adds = measures(fields)
    measure = next((c for c in named if c in adds), "") or amount(text, fields)
    group = next((c for c in by if c not in adds), "")
    which = RANKED.search(text) or re.search(r"\b(?:which|who|what|each|every)\b", text)
    if not group and (RANKED.search(text) or (which and measure)):
        group = next((c for c in named if c != measure and c not in adds), "")
    if not group and by and by[0] != measure:
        group = by[0]
    if group:
        counted = counts(text) and not SPENT.search(text)
        added = how if how in ("avg", "median") else "sum"
        if how in ("max", "min") and not re.search(r"\b(?:which|who|what)\b", text):
            added = how
        what = f"{added}({number(measure, fields)})" if measure and not counted else "count(*)"
        ranked = bool(limit or (RANKED.search(text) and not by))
        order = "ASC" if FEWEST.search(text) and RANKED.search(text) else "DESC"
        return grouped(source, group, what, most if ranked else 50, order)
    if how and (measure or named):
        value = measure or named[0]
        return f"SELECT {how}({number(value, fields, how)}) AS {how}_{safe(value)} FROM {source}"
    if measure and SPENT.search(text):
        return f"SELECT sum({number(measure, fields)}) AS sum_{safe(measure)} FROM {source}"
    if counts(text):
        return f"SELECT count(*) AS rows FROM {source}"
    if re.search(r"\b(?:rows|records|sample|lines|first|last|newest|latest)\b", text):
        return f"SELECT * FROM {source} LIMIT {min(most, 50)}"
    return f"SELECT count(*) AS rows FROM {source}"


def counts(text: str) -> bool:
    return bool(re.search(r"\bhow many\b|\bcount\b|\bnumber of\b|\bhow often\b", text))


def grouped(source: str, group: str, what: str, most: int, order: str = "DESC") -> str:
    by = quoted(group)
    return (
        f"SELECT {by}, {what} AS value FROM {source} GROUP BY {by} ORDER BY value {order} "
        f"LIMIT {most}"
    )


def number(column: str, fields: Mapping[str, str], how: str = "sum") -> str:
    """The column, as a number where it is kept as text."""
    if NUMERIC.search(fields[column]) or how in ("min", "max"):
        return quoted(column)
    return f"TRY_CAST({quoted(column)} AS DOUBLE)"


def safe(column: str) -> str:
    return re.sub(r"\W", "_", column)
