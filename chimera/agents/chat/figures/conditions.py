"""What narrows the rows of a question: values, comparisons, days, empty fields. Each is read and
taken out of the text; what names a value that is not there is told, never read over."""

# ruff: noqa: E501 -- words and patterns a line

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from chimera.agents.chat.figures.columns import dates, exactly, meant
from chimera.agents.chat.figures.comparisons import Narrowed, compared
from chimera.agents.chat.figures.days import days_in, two_days_in
from chimera.agents.chat.figures.question import NUMERIC, Condition
from chimera.agents.chat.figures.values import Values, spoken
from chimera.agents.understanding.intents import english_words
from chimera.platform.access.similar import or_near

EMPTY = r"(?:missing|empty|null|blank|unset|unknown|not (?:set|known|given|filled)|nulls)"


LACKING = re.compile(
    r"\b(?:without|with no|ha(?:s|ve|d) no|having no|lack(?:s|ing)?(?: of)?|miss(?:es|ing)?|with (?:an? )?(?:missing|empty|null|unknown|blank)|no|whose)\s+(?:an? |any |the |its )?(?P<c>[a-z_]+)(?P<is>\s+(?:is|are|was|were) )?",
    re.I,
)


IS_EMPTY = re.compile(
    rf"\b(?P<c>[a-z_]+)\s+(?:is|are|was|were|=)?\s*(?:an? )?(?P<not>not )?{EMPTY}\b", re.I
)


EQUALS = r"\b(?P<c>{columns})s?\s*(?P<sign>=|==|is|are|was|equals|called|named|number|no\.?|nr\.?|#)?\s*[\"'“]?(?P<v>[\w][\w.-]*)[\"'”]?"


NEGATED = re.compile(
    r"(?:\bnot(?: in| from| by| of| with)?|\bexcept(?: for)?|\bwithout|\bexcluding|\bother than|\bbut not|!=|\bnon|\bno)[\s-]+(?:the )?$",
    re.I,
)


PLACE = re.compile(r"\b(?:in|for|from|of|by|with|to|at|at the|on)\s+(?P<v>[A-Z][\w-]+)\b")  # fmt: skip


def narrowed(
    text: str, table: str, fields: Mapping[str, str], values: Values, today: date
) -> Narrowed:
    """Every condition of a text on the rows of a dataset."""
    found = Narrowed(text)
    emptied(found, fields)
    days(found, fields, values, today)
    named(found, fields, values)
    compared(found, table, fields)
    stated(found, table, fields, values)
    return found


def emptied(found: Narrowed, fields: Mapping[str, str]) -> None:
    """Fields that are empty, or are not."""
    for match in IS_EMPTY.finditer(found.rest):
        if column := exactly(match["c"], fields):
            kind = "filled" if match["not"] else "null"
            found.take(match, Condition(column=column, kind=kind))
            return
    for match in LACKING.finditer(found.rest):
        if (
            (column := exactly(match["c"], fields))
            and not match["is"]
            and match.group().split()[0] != "whose"
        ):
            found.take(match, Condition(column=column, kind="null"))
            return


def days(found: Narrowed, fields: Mapping[str, str], values: Values, today: date) -> None:
    """Days, where there is a column of them."""
    columns = dates(fields, values)
    if columns and (pair := two_days_in(found.rest, today)):
        both = re.compile(re.escape(pair[1])).search(found.rest)
        assert both is not None
        found.take(both, Condition(column=columns[0], kind="is", values=pair[0]))
        return
    said = days_in(found.rest, today)
    if said is None:
        return
    begin, end, words = said
    at = found.rest.find(words)
    match = re.compile(re.escape(words)).search(found.rest, at)
    assert match is not None
    if not columns:
        found.note = f"There is no column of days, so {words.strip()!r} narrows nothing."
        found.rest = f"{found.rest[: match.start()]} ¦ {found.rest[match.end() :]}"
        return
    named_ = next(
        (c for c in columns if exactly(c, fields) and c.lower() in found.rest.lower()), ""
    )
    found.take(match, Condition(column=named_ or columns[0], kind="date", values=(begin, end)))


def named(found: Narrowed, fields: Mapping[str, str], values: Values) -> None:
    """Values by their own words; of two columns with the same one, that which stands beside it."""
    every: dict[str, list[str]] = {}
    for column, texts in values.items():
        for text in texts:
            every.setdefault(text, []).append(column)
    taken: dict[tuple[str, bool], list[str]] = {}
    for value in sorted(every, key=len, reverse=True):
        match = spoken(found.rest, value) or lettered(found.rest, value, every[value])
        if match is None or exactly(value, fields):
            continue
        around = found.rest[max(0, match.start() - 25) : match.end() + 20].lower()
        column = next(
            (c for c in every[value] if re.search(rf"\b{re.escape(c.lower())}s?\b", around)),
            every[value][0],
        )
        before = found.rest[: match.start()]
        taken.setdefault((column, bool(NEGATED.search(before))), []).append(value)
        begin, end = match.span()
        beside = re.compile(
            rf"\b{re.escape(column)}s?\s+(?:is |= ?|are |of |called )?[\"'“]?$", re.I
        ).search(before)
        behind = re.match(
            rf"[\"'”]?\s+{re.escape(column)}s?\b(?!\s+(?:has|have|is|with))", found.rest[end:], re.I
        )
        begin = beside.start() if beside else begin
        end += (
            behind.end()
            if behind
            and not re.search(r"\b(?:which|what|top|per|by)\b[^¦]*$", found.rest[:begin][-12:])
            else 0
        )
        found.rest = f"{found.rest[:begin]} ¦ {found.rest[end:]}"
    for (column, negated), chosen in taken.items():
        kind = "not" if negated else "is"
        found.conditions.append(Condition(column=column, kind=kind, values=tuple(sorted(chosen))))


def lettered(text: str, value: str, columns: list[str]) -> re.Match[str] | None:
    """A value of one letter, which is one only right beside its column, or in quotes."""
    if len(value) != 1:
        return None
    names = "|".join(re.escape(c) for c in columns)
    return re.search(
        rf"(?:(?<=[\"'“]){re.escape(value)}(?=[\"'”]))|(?<=\s)(?:{names})\s+(?:is |= ?)?{re.escape(value)}\b",
        text,
    )


def stated(found: Narrowed, table: str, fields: Mapping[str, str], values: Values) -> None:
    """What is said to be a value of a column, and is none; keys by their number."""
    columns = "|".join(re.escape(c) for c in sorted(fields, key=len, reverse=True))
    for match in re.finditer(EQUALS.format(columns=columns), found.rest, re.I):
        column, value, sign = exactly(match["c"], fields), match["v"], (match["sign"] or "").lower()
        if not column or value.lower() in english_words() or exactly(value, fields):
            continue
        if NUMERIC.search(fields[column]):
            if re.fullmatch(r"\d+(?:\.\d+)?", value) and sign:
                found.take(
                    match, Condition(column=column, kind="compare", values=(value,), sign="=")
                )
                return
            continue
        shouted = value.isupper() or any(c.isdigit() for c in value)
        if not (sign in ("=", "==", "is", "equals", "called", "named") or shouted):
            continue
        if column in values:
            found.problem = f"no {column} of {table} is {value!r}{or_near(value, values[column])}"
            return
        found.take(match, Condition(column=column, kind="is", values=(value,)))
        return
    if (
        (place := PLACE.search(found.rest))
        and not meant(place["v"], fields)
        and values
        and place["v"].lower() not in english_words()
    ):
        every = [v for texts in values.values() for v in texts]
        found.problem = f"no row of {table} has {place['v']!r}{or_near(place['v'], every)}"
