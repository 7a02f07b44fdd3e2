"""What is ranked first: rows ("heaviest box"), or groups ("which port has the most")."""

from __future__ import annotations

import re

from chimera.agents.chat.figures import words
from chimera.agents.chat.figures.columns import SMALL, dates, exactly, meant, measured, measures
from chimera.agents.chat.figures.question import Figure, How
from chimera.agents.chat.figures.roles import SPOKEN, Heard, implied


def first(text: str) -> re.Match[str] | None:
    """The superlative that ranks."""
    return next(
        (m for m in words.SUPERLATIVE.finditer(text) if not text[: m.start()].endswith("at ")), None
    )


def superlative(found: Heard, text: str, match: re.Match[str]) -> None:
    """Which is ranked first: rows, or groups by an aggregate."""
    adds = measures(found.fields)
    noun = words.phrase(text[match.end() :])
    found.limit = words.NUMBERS.get(match["n"] or "", 0) or int(match["n"] or 0)
    if not found.limit and (told := words.LEADING_NUMBER.search(text[: match.start()])):
        found.limit = words.NUMBERS.get(told["n"], 0) or int(told["n"])
    if match["nth"]:
        found.skip, found.limit = words.NTH[match["nth"]], 1
    if match["when"] or match["old"]:
        recent(found, match, noun)
        return
    found.ranked = True
    rising = bool(match["up"] or match["cheap"] or SMALL.match(match.group()))
    if match["up"] == "worst":
        rising = bool(words.GOOD.search(text))
    if match["often"]:
        rising = match.group().startswith("least")
    found.order = "ASC" if rising else "DESC"
    group = asked_group(found, text[: match.start()], noun)
    if found.stranger:
        return
    own = match["own"] or ("expensive" if match["dear"] or match["cheap"] else "")
    measure = measured(own, found.fields) if own else ""
    if not measure:
        said = [c for n in noun if (c := meant(n, found.fields)) in adds and c]
        said += [c for n in noun if (c := measured(n, found.fields))]
        measure = said[0] if said else found.measure
    unknown = [n for n in noun if not meant(n, found.fields) and not measured(n, found.fields)]
    strange = [n for n in unknown if n not in words.PLAIN and not found.whole(n)]
    if not group and not found.groups and strange and not own and len(strange) == len(noun):
        found.stranger = " ".join(noun)
        return
    if not measure and (lost := next((n for n in (*noun, own) if SPOKEN.fullmatch(n)), "")):
        found.stranger = lost
        return
    counting = bool(match["often"]) or bool(
        not measure
        and match.group().split()[0] in ("most", "least", "fewest")
        and (any(found.whole(n) for n in noun) or (strange and not measure))
    )
    if not measure and not counting:
        measure = implied(found, text)
    if measure and not group and both_ends(text, match):
        found.figures = [Figure(how="min", column=measure), Figure(how="max", column=measure)]
        return
    groups = found.groups or ([group] if group else [])
    if not groups:
        if not measure:
            found.lacking = match.group()
            return
        found.figures = [f for f in found.figures if f.how not in ("avg", "sum")]
        found.rank, found.limit = measure, found.limit or 1
        found.rows = not found.figures
        return
    ranked_groups(found, match, groups, measure, counting, noun, text)


def both_ends(text: str, match: re.Match[str]) -> bool:
    """ "the smallest and the largest": of both directions."""
    other = next((m for m in words.SUPERLATIVE.finditer(text, match.end())), None)
    joined = (
        re.fullmatch(
            r"\s*(?:\w+\s+)?(?:and|or|&|,)(?:\s+the)?\s*", text[match.end() : other.start()]
        )
        if other
        else None
    )
    return bool(joined and other and bool(other["up"]) != bool(match["up"]))


def ranked_groups(
    found: Heard,
    match: re.Match[str],
    groups: list[str],
    measure: str,
    counting: bool,
    noun: list[str],
    text: str,
) -> None:
    """Groups in the order of an aggregate; a single row of theirs where one is spoken of."""
    told = [f for f in found.figures if f.how in ("avg", "median", "sum", "max", "min", "count")]
    one = bool(match["own"]) and noun and not noun[0].endswith("s") and noun[0] not in groups
    one = one and not meant(noun[0], found.fields) and not told and not found.groups
    if one or re.search(r"\b(?:single|individual)\b", text):
        found.rank, found.limit, found.rows = measure, found.limit or 1, True
        return
    found.groups = groups
    if counting or not measure:
        found.figures = [Figure(how="count")]
        return
    how: How = told[0].how if told else "sum"
    if not told and match["own"] and not re.match("heav|expens|cost|pric|dear|cheap", match["own"]):
        how = "avg"  # who waits longest, who is oldest: a rate, not a sum
    same = bool(noun) and meant(noun[0], found.fields) == measure
    if same and found.each_of and not (told or match["own"] or found.limit):
        how = "min" if match["up"] else "max"
    if how == "count":
        found.figures = [Figure(how="count")]
    else:
        found.figures = [Figure(how=how, column=measure)]


def asked_group(found: Heard, before: str, noun: list[str]) -> str:
    """The column whose values are ranked: "which port has the most", "top 3 ports"."""
    adds = measures(found.fields)
    for word in noun:
        if (column := exactly(word, found.fields)) and column not in adds:
            return column
    match = re.search(
        r"\b(?:which|what|whose)\s+(?:one\s+|of the\s+|of our\s+|our\s+|the\s+)?(?P<c>[a-z_]\w*)",
        before,
    )
    if match and (word := match["c"]) not in words.ENDS | words.PLAIN:
        column = meant(word, found.fields)
        if column and column not in adds:
            return column
        if (
            not column
            and not found.whole(word)
            and re.search(rf"\b{word} (?:has|have|had|with|gets?|makes?|pays?|spends?)\b", before)
        ):
            found.stranger = word
        return ""
    if re.search(r"\bwho\b", before):
        return next((c for c in found.fields if words.PERSON.search(c) and c not in adds), "")
    spoken = [c for c in found.mentioned(before) if c not in adds]
    return spoken[0] if spoken and not noun else ""


def recent(found: Heard, match: re.Match[str], noun: list[str]) -> None:
    """The newest or the oldest rows, by their day; the first rows, where there is none."""
    days = dates(found.fields, found.values)
    if any(f.how != "count" for f in found.figures) and match["when"] in ("first", "last"):
        return
    found.order = "ASC" if match["when"] in ("earliest", "first") else "DESC"
    if days and (found.limit or match.group() not in ("first", "last") or noun):
        found.rank, found.limit, found.rows = days[0], found.limit or 1, True
        found.figures = []
    elif found.limit or any(found.whole(n) for n in noun):
        found.rows = True
