"""Comparisons with numbers in a question over data: "more than 5 nights", "older than 60"."""

# ruff: noqa: E501 -- words and patterns a line

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from chimera.agents.chat.figures.columns import exactly, meant, measured, measures, money, single
from chimera.agents.chat.figures.question import NUMERIC, Condition

MORE = r"more than|greater than|higher than|larger than|bigger than|longer than|older than|heavier than|slower than|later than|costlier than|more expensive than|dearer than|over|above|exceed(?:s|ed|ing)?|beyond|upwards? of|>(?!=)"


LESS = r"less than|fewer than|lower than|smaller than|shorter than|younger than|lighter than|cheaper than|faster than|quicker than|under|below|<(?!=)"


SIGNS = (
    ("<=", r"at most|no more than|not more than|up to|maximum of|<=|not over"),
    (">=", r"at least|no less than|not less than|minimum of|>=|not under"),
    (">", MORE),
    ("<", LESS),
    ("=", r"exactly|equal to|equals|=="),
)


NUMBER = r"(?:[€$£]\s?)?(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s?(?P<k>k|thousand|million|mio|%)(?!\w))?(?![\w.]*\w:)"


COMPARED = re.compile(
    "(?:"
    + "|".join(f"(?P<s{at}>(?<![\\w])(?:{words}))" for at, (_, words) in enumerate(SIGNS))
    + rf")\s*{NUMBER}(?:\s+(?P<unit>[a-z_]+))?",
    re.I,
)


BETWEEN = re.compile(
    rf"\bbetween\s+{NUMBER}\s+and\s+(?P<m>\d+(?:\.\d+)?)(?:\s+(?P<unit>[a-z_]+))?", re.I
)


BEHIND = re.compile(
    rf"(?<![\w-]){NUMBER}\s*(?P<unit>[a-z_]+)?\s+(?:or|and) (?:(?P<up>more|above|over|older|longer|higher|heavier|up)|(?P<down>less|fewer|below|under|younger|shorter|lower|lighter))\b",
    re.I,
)


@dataclass
class Narrowed:
    """The conditions of a text, what is left of it, and what of it cannot be."""

    rest: str
    conditions: list[Condition] = field(default_factory=list)
    problem: str = ""  # a value or a column that is not there
    note: str = ""

    def take(self, match: re.Match[str], condition: Condition) -> None:
        self.conditions.append(condition)
        self.rest = f"{self.rest[: match.start()]} ¦ {self.rest[match.end() :]}"


def compared(found: Narrowed, table: str, fields: Mapping[str, str]) -> None:
    """Comparisons with numbers: "more than 5 nights", "older than 60", "between 10 and 20 t"."""
    for pattern in (BETWEEN, COMPARED, BEHIND):
        while match := next(
            (m for m in pattern.finditer(found.rest) if not m["n"].startswith("¦")), None
        ):
            column = column_of(match, found.rest, table, fields)
            if column is None:
                found.problem = f"on which column of {table} is {match.group().strip()!r}?"
                return
            number = size(match)
            numbers: tuple[str, ...] = (number,)
            if pattern is BETWEEN:
                sign, numbers = "between", (number, match["m"])
            elif pattern is BEHIND:
                sign, numbers = (">=" if match["up"] else "<="), (number,)
            else:
                at = next(at for at in range(len(SIGNS)) if match[f"s{at}"])
                sign, numbers = SIGNS[at][0], (number,)
            found.take(match, Condition(column=column, kind="compare", values=numbers, sign=sign))


def size(match: re.Match[str]) -> str:
    times = {"k": 1e3, "thousand": 1e3, "million": 1e6, "mio": 1e6}.get(
        (match["k"] or "").lower(), 1
    )
    number = float(match["n"].replace(",", "")) * times
    return f"{number:g}" if number < 1e6 else f"{number:.0f}"


def column_of(match: re.Match[str], text: str, table: str, fields: Mapping[str, str]) -> str | None:
    """What is compared: the noun behind the number, that before it, or what the words measure."""
    unit = (match["unit"] or "").lower()
    adds = measures(fields)
    if (
        unit
        and (column := exactly(unit, fields) or meant(unit, fields)) in fields
        and NUMERIC.search(fields[column])
    ):
        return column
    if unit and (column := measured(unit, fields)):
        return column
    whole = {
        table.lower(),
        table.lower().removesuffix("s"),
        "rows",
        "row",
        "records",
        "entries",
        "times",
    }
    if unit in whole or (unit and table.lower().endswith(unit)):
        return ""
    before = re.findall(r"[a-z_]+", text[: match.start()].lower())[-6:]
    for word in reversed(before):
        if (column := exactly(word, fields)) and NUMERIC.search(fields[column]):
            return column
    for word in (*re.findall(r"[a-z]+", match.group().lower()), *reversed(before)):
        if column := measured(word, fields):
            return column
    for word in reversed(before):
        if (column := meant(word, fields)) and column in adds:
            return column
    if re.search(r"[€$£]", match.group()) and (column := money(fields)):
        return column
    return single(fields) or None
