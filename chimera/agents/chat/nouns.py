"""The nouns of a question over data: each must be a column, or it is refused, never read over."""

# ruff: noqa: E501, SIM905 -- lists of words

from __future__ import annotations

import re
from collections.abc import Mapping

from chimera.agents.understanding.names import closest

ADDED = re.compile(
    r"\b(?P<how>average|avg|mean|median|typical|sum|total|maximum|max|minimum|min|largest|highest|biggest|"
    r"greatest|smallest|lowest|most|least|fewest|top|bottom|which|what)\s+(?P<noun>\w.*)"
)
LEADING = re.compile(r"^(?:of|the|all|a|an|our|\d+|three|five|ten|twenty)\s+")
ENDS = frozenset((  # what stands behind a noun, and is none
    "by per in of for from on where over across each every is are was were do does did have has had and or which what "
    "who whose how the there we i you it to at with when grouped split broken according as than among that this me "
    "show give list"
).split())  # fmt: skip
PLAIN = frozenset((  # words that need no column
    "row rows record records entry entries line lines number count item items order orders common frequent popular sold "
    "bought expensive often used one ones time times day's overall altogether different distinct unique share data "
    "busiest best worst strongest weakest leading average avg mean median sum total maximum max minimum min largest "
    "highest biggest greatest smallest lowest most least fewest top bottom"
).split())  # fmt: skip
QUANTITY = frozenset(("value", "values", "amount", "amounts", "quantity", "figure", "number"))
MONEYED = frozenset((  # what the one column of money can be called
    "money revenue turnover sales income price cost worth spend spending earnings spender spenders "
    "payment payments paid sum"
).split())  # fmt: skip
NEEDS_ONE = frozenset(
    ("average", "avg", "mean", "median", "typical", "maximum", "max", "minimum", "min", "sum")
)
CONDITION = re.compile(
    r"\b(?:where|whose|having|with)\s+(?:the\s+|an?\s+)?(?P<noun>\w+)\s*"
    r"(?:is|are|was|=|==|<|>|<=|>=|equals?|above|below|over|under|greater|less|more than|at least|at most|like|in)\b"
    r"|\b(?:where|whose|having|with)\s+(?:the\s+|an?\s+)?(?P<sign>\w+)\s*[=<>]"
)


def column_of(word: str, fields: Mapping[str, str]) -> str:
    """The column that a word names, in the singular or the plural; "" if it names none."""
    forms = {word, word.removesuffix("s"), re.sub("ies$", "y", word)}
    return next((c for c in fields if c.lower() in forms), "")


def meant(word: str, fields: Mapping[str, str]) -> str:
    """The column a word names, is the only one to be a part of, or is a typo of."""
    if exact := column_of(word, fields):
        return exact
    parts = [
        c for c in fields if column_of(word, dict.fromkeys(re.split(r"[_\W]+", c.lower()), ""))
    ]
    if len(parts) == 1:
        return parts[0]
    typo = closest(word, (c.lower() for c in fields), 0.8) if len(word) > 3 else ""
    return column_of(typo, fields) if typo else ""


def phrase(text: str) -> list[str]:
    """The noun that a text begins with, as its words."""
    while (bare := LEADING.sub("", text)) != text:
        text = bare
    found = []
    for word in re.findall(r"[\w']+|[,.;?!]", text):
        if word in ENDS or not (word[0].isalnum() or word[0] == "_"):
            break
        found.append(word)
    return found[:3]


def settled(text: str, fields: Mapping[str, str], money: str, single: str) -> tuple[str, str, str]:
    """The text with each noun as its column; a noun that is none; an aggregate that lacks its noun.

    `money` is the one column of money, `single` the only one of numbers; "" where there is none.
    """
    at = 0
    while match := ADDED.search(text, at):
        at = match.start("noun")
        words = phrase(match["noun"])
        how = match["how"]
        named = next((w for w in words if meant(w, fields)), "")
        whole = column_of("_".join(words), fields)
        if named and not whole:
            column = meant(named, fields).lower()
            rest = re.sub(rf"\b{re.escape(named)}\b", column, text[at:], count=1)
            text = text[:at] + rest
        elif not whole and words:
            called = next((w for w in words if w in QUANTITY | MONEYED), "")
            column = money or (single if called in QUANTITY else "")
            if called and column:
                rest = re.sub(rf"\b{called}\b", column.lower(), text[at:], count=1)
                text = text[:at] + rest
            elif (how in NEEDS_ONE and not ranks(words)) or not PLAIN & set(words):
                return text, " ".join(words), ""
        elif (
            not words and how in NEEDS_ONE and not (money or single) and not mentioned(text, fields)
        ):
            return text, "", how
    return text, "", ""


def ranks(words: list[str]) -> bool:
    """ "average total": another aggregate follows, and has its own noun."""
    return bool(words) and words[0] in NEEDS_ONE | {"total", "number"}


def mentioned(text: str, fields: Mapping[str, str]) -> bool:
    return any(column_of(word, fields) for word in re.findall(r"\w+", text))


def condition(text: str) -> str:
    """The noun on which a condition is put in words; "" without one."""
    match = CONDITION.search(text)
    return (match["noun"] or match["sign"]) if match else ""
