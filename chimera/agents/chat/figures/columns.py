"""Which column a word means: by its name, a part of it, a typo of it, or what it measures."""

# ruff: noqa: E501 -- words of one meaning a line

from __future__ import annotations

import re
from collections.abc import Mapping

from chimera.agents.chat.figures.question import NUMERIC
from chimera.agents.understanding.spelling import closest

KEY = re.compile(r"(?:^|_)(?:id|key|uuid|no|nr|number|zip|year|code)$", re.I)  # is no amount
DATE = re.compile(r"DATE|TIMESTAMP", re.I)
DATED = re.compile(r"(?:^|_)(?:day|date|month|week|at|on|time|timestamp|ts)$", re.I)
# What is measured: the words of people -> the words in names of columns.
MEASURED: tuple[tuple[str, str, str], ...] = (
    ("weight", r"heav\w*|weigh\w*|light(?:er|est)?|tonnage|tonnes?|tons?|kilos?|kg|mass|t", r"weight|mass|tonnage|tonnes|tons|kg|kilos?|grams?|load_t"),
    ("time", r"long\w*|short(?:er|est)?|durations?|last(?:ed|s|ing)|wait\w*|slow\w*|quick\w*|fast(?:er|est)|took|takes?|delay\w*|late(?:r|st|ness)?|stay\w*", r"minutes?|mins?|hours?|hrs?|seconds?|secs?|duration|nights?|days?|length|wait\w*|delay\w*|lateness|elapsed|ms|took|time_\w+|dwell\w*|stay\w*"),
    ("age", r"old(?:er|est)?|young(?:er|est)?|aged?|ages|years?", r"age|ages|years?"),
    ("money", r"expensive|cheap\w*|cost\w*|pric\w*|dear\w*|pay|pays|paid|spen[dt]\w*|money|revenue|turnover|earn\w*|income|worth|valuable|sales|euros?|eur|dollars?|usd|€|\$|bills?|lucrative|profitable|brought in|brings? in|bring in|payments?|total price", r"amount|price|revenue|cost|costs|total|spend|sales|paid|payment|turnover|fee|fees|balance|eur|usd|gbp|income|earnings?|charge|premium|value|fare|rent|salary|wage|budget|net|gross"),
    ("distance", r"far\w*|distan\w*|near(?:er|est)|closest|km|kilomet\w+|miles?", r"distance|km|miles?|kilomet\w+"),
    ("size", r"tall\w*|height|deep\w*|depth|wid\w*|large volume|volume", r"height|depth|width|length|volume|size|area|m2|m3"),
    ("heat", r"hot\w*|cold\w*|warm\w*|cool(?:er|est)|temperatures?|degrees?", r"temp|temperature|celsius|degrees?"),
    ("speed", r"fast\w*|speed\w*", r"speed|kmh|mph|rate"),
    ("many", r"crowded|full\w*|busy|busi(?:er|est)|occupied|packed|popular", r"occupied|passengers|visitors|guests|load|count|quantity|qty|units|people|seats_taken"),
    ("amount", r"quantit\w+|units?|pieces?|items?", r"quantity|qty|units|pieces|count"),
)  # fmt: skip
SMALL = re.compile(r"^(?:light|short|quick|fast|young|cheap|near|clos|cold|cool)")
PARTLESS = frozenset((  # parts of names of columns that are everyday words, and mean none alone
    "of", "in", "is", "at", "on", "by", "to", "no", "name", "total", "number", "count", "type", "value",
    "the", "and", "time", "t", "s", "h", "m", "a", "id", "all", "max", "min", "avg", "sum", "top", "first", "last",
))  # fmt: skip


def stems(word: str) -> set[str]:
    """A word in the singular and the plural."""
    return {
        word,
        word.removesuffix("s"),
        word.removesuffix("es"),
        re.sub("ies$", "y", word),
        f"{word}s",
    }


def exactly(word: str, fields: Mapping[str, str]) -> str:
    """The column that a word names; "" if it names none."""
    forms = stems(word.lower().replace(" ", "_"))
    return next((c for c in fields if c.lower() in forms), "")


def partly(word: str, fields: Mapping[str, str]) -> str:
    """The only column of whose name a word is a part."""
    if word in PARTLESS:
        return ""
    forms = stems(word)
    found = [c for c in fields if forms & set(re.split(r"[_\W]+", c.lower()))]
    return found[0] if len(found) == 1 else ""


def meant(word: str, fields: Mapping[str, str]) -> str:
    """The column a word names, is the only one to be a part of, or is a typo of."""
    low = word.lower()
    if found := exactly(low, fields) or partly(low, fields):
        return found
    typo = closest(low, (c.lower() for c in fields), 0.8) if len(low) > 3 else ""
    return exactly(typo, fields) if typo else ""


def measures(fields: Mapping[str, str]) -> list[str]:
    """The columns that can be added up."""
    return [c for c, kind in fields.items() if NUMERIC.search(kind) and not KEY.search(c)]


def measured(word: str, fields: Mapping[str, str]) -> str:
    """The column of numbers that measures what a word speaks of: "heaviest" of a weight."""
    adds = measures(fields)
    for _, spoken, written in MEASURED:
        if not re.fullmatch(spoken, word.lower()):
            continue
        found = [
            c
            for c in adds
            if any(re.fullmatch(written, p) for p in (*re.split(r"[_\W]+", c.lower()), c.lower()))
        ]
        if len(found) == 1 or (found and len(adds) == 1):
            return found[0]
    return ""


def money(fields: Mapping[str, str]) -> str:
    """The one column of money; "" if there is none or more than one."""
    return measured("money", fields)


def dates(fields: Mapping[str, str], values: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The columns that hold days or moments: by their type, or by how their texts look."""
    iso = re.compile(r"\d{4}-\d\d(?:-\d\d)?(?:[T ].*)?")
    found = [c for c, kind in fields.items() if DATE.search(kind)]
    for column in fields:
        if (texts := values.get(column)) and all(iso.fullmatch(one) for one in texts):
            found.append(column)
        elif column not in values and column not in found and not NUMERIC.search(fields[column]):
            found += [column] if DATED.search(column) else []
    return list(dict.fromkeys(found))


def single(fields: Mapping[str, str]) -> str:
    """The column that "the most" is about where none is said: the only one of numbers, or of money."""
    adds = measures(fields)
    return adds[0] if len(adds) == 1 else money(fields)
