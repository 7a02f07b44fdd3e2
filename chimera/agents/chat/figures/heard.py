"""What a text asks of a dataset, by its roles; what it does not say is left open."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chimera.agents.chat.figures import words
from chimera.agents.chat.figures.aggregates import aggregated
from chimera.agents.chat.figures.columns import dates, meant, measured, measures, single
from chimera.agents.chat.figures.question import Figure
from chimera.agents.chat.figures.roles import Heard
from chimera.agents.chat.figures.superlatives import first, superlative
from chimera.agents.chat.figures.values import Values

RATES = ("avg", "median")


def heard(
    text: str, table: str, fields: Mapping[str, str], values: Values, filtered: frozenset[str]
) -> Heard:
    """Read a text from which its conditions were taken."""
    found = Heard(fields, values, table, filtered)
    text = ordered(found, text.lower())
    text = grouped(found, text)
    if found.stranger:
        return found
    aggregated(found, text)
    if not found.stranger and (match := first(text)):
        superlative(found, text, match)
    if not found.stranger and not found.figures and not found.rank:
        plainly(found, text)
    if any(f.how in RATES or f.how == "sum" for f in found.figures) and found.each:
        found.figures = [
            f.model_copy(update={"how": "avg"}) if f.how == "sum" else f for f in found.figures
        ]
    return found


def ordered(found: Heard, text: str) -> str:
    """In which order: "biggest first", "sorted by weight"."""
    for pattern, order in ((words.FALLING, "DESC"), (words.RISING, "ASC")):
        if match := pattern.search(text):
            found.order, found.ranked = ("DESC" if order == "DESC" else "ASC"), True
            text = text[: match.start()] + " ¦ " + text[match.end() :]
    if match := words.SORTED.search(text):
        column = number(found, match["c"])
        if column:
            found.measure = column
            text = text[: match.start()] + " ¦ " + text[match.end() :]
    return text


def number(found: Heard, word: str) -> str:
    column = meant(word, found.fields) or measured(word, found.fields)
    if not column and word in words.QUANTITY:
        return single(found.fields)
    return column


def grouped(found: Heard, text: str) -> str:
    """By what: columns, or a time; a column of numbers is what a ranking is by."""
    adds = measures(found.fields)
    ranking = bool(words.SUPERLATIVE.search(text))
    for match in list(words.BY.finditer(text))[::-1]:
        used = False
        lead = match.group().split()[0]
        for noun in (match["c"], match["d"]):
            if not noun or (noun == match["d"] and noun in words.ENDS):
                continue
            days = dates(found.fields, found.values)
            column = meant(noun, found.fields)
            if noun in ("day", "month", "year", "week", "date", "daily", "monthly") and days:
                column = column if column in days else days[0]
                found.unit = (
                    "month" if noun.startswith("month") else "year" if noun == "year" else "day"
                )
            if not column and found.whole(noun):
                found.each, used = True, True
                continue
            if not column or (column in adds and (ranking or found.ranked)):
                column = column or measured(noun, found.fields)
                if not column and noun in words.QUANTITY:
                    column = single(found.fields)
                if column in adds:
                    found.measure, used = column, True
                    continue
            if column:
                found.each_of = True
                found.groups.insert(0 if noun == match["c"] else len(found.groups), column)
                used = True
            elif (
                lead in ("by", "per")
                and noun == match["c"]
                and noun not in words.PLAIN | {"far", "me", "chance", "default"}
            ):
                found.stranger = noun
                return text
        if used:
            text = text[: match.start()] + " ¦ " + text[match.end() :]
    return text


def plainly(found: Heard, text: str) -> None:
    """No aggregate and no superlative: columns of rows, or a column added up."""
    adds = measures(found.fields)
    named = found.mentioned(text)
    named += [c for word in re.findall(r"\w+", text) if (c := measured(word, found.fields))]
    numbers = [c for c in dict.fromkeys(named) if c in adds]
    others = [c for c in dict.fromkeys(named) if c not in adds]
    measure = found.measure or (numbers[0] if numbers else "")
    if found.groups:
        if found.measure and not numbers:
            numbers = [found.measure]
        found.figures = [Figure(how="sum", column=c) for c in numbers] or [Figure(how="count")]
    elif words.EXISTS.match(text) and found.filtered:
        found.figures, found.exists = [Figure(how="count")], True
    elif others and words.LISTS.search(text) and not numbers:
        found.show = others
    elif measure and (found.filtered or words.LISTS.search(text)) and not others:
        found.figures = [Figure(how="sum", column=c) for c in numbers or [measure]]
    elif numbers or others:
        found.show = [*others, *numbers]
    elif (
        words.LISTS.search(text)
        and (
            found.filtered
            or any(found.whole(w) for w in re.findall(r"\w+", text))
            or "sample" in text
        )
    ) or found.filtered:
        found.rows = True
    if found.rows and (some := words.SOME.search(text)) and found.whole(some["c"]):
        found.limit = words.NUMBERS.get(some["n"], 0) or int(some["n"])
    if found.ranked and found.measure and not found.figures:
        found.rank = found.measure
