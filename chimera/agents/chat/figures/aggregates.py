"""The numbers that are asked for by name: counts, sums, averages, shares."""

from __future__ import annotations

from chimera.agents.chat.figures import words
from chimera.agents.chat.figures.columns import exactly, meant, measures, single
from chimera.agents.chat.figures.question import Figure, How
from chimera.agents.chat.figures.roles import Heard, implied


def aggregated(found: Heard, text: str) -> None:
    """The numbers that are asked for by name, in their order."""
    matches = list(words.AGGREGATE.finditer(text))
    for at, match in enumerate(matches):
        how = words.how_of(match)
        end = matches[at + 1].start() if at + 1 < len(matches) else len(text)
        noun = words.phrase(text[match.end() : end])
        if not noun and how in ("min", "max", "avg", "median") and at + 1 < len(matches):
            noun = words.phrase(text[matches[at + 1].end() :])  # "least and greatest amount"
        if how == "count":
            if at + 1 < len(matches) and words.how_of(matches[at + 1]) == "distinct" and not noun:
                continue
            counted(found, noun, text)
            continue
        if match.group() in words.TRAILING or (how == "sum" and not noun):
            spread(found, how, text)
            continue
        if how == "share":
            found.figures.append(Figure(how="share"))
            continue
        if words.SUPERLATIVE.match(" ".join(noun)) or (not noun and at + 1 < len(matches)):
            continue  # "average of the highest ...": the other reads it
        column = found.number_of(noun)
        if how == "distinct":
            if column:
                found.figures.append(Figure(how=how, column=column))
            elif noun and not set(noun) & words.PLAIN:
                found.stranger = " ".join(noun)
            continue
        if not column and noun and set(noun) & words.QUANTITY:
            column = single(found.fields)
        if (
            not column
            and noun
            and not found.whole(noun[0])
            and not set(noun) & (words.PLAIN - {"money"})
        ):
            found.stranger = " ".join(noun)
            return
        if not column:
            column = implied(found, text)
        if column:
            found.figures.append(Figure(how=how, column=column))
        elif not (how == "sum" and noun):
            found.lacking = match.group()
        else:
            found.figures.append(Figure(how="count"))
    found.figures = list(dict.fromkeys(found.figures))


def counted(found: Heard, noun: list[str], text: str) -> None:
    """How many: rows, the sum of a column that counts, or different values beside the rows."""
    adds = measures(found.fields)
    named = [c for n in noun if (c := exactly(n, found.fields) or (meant(n, found.fields)))]
    whole = any(found.whole(n) for n in noun)
    column = named[0] if named and not (whole and named[0] not in adds) else ""
    if column in adds:
        found.figures.append(Figure(how="sum", column=column))
    elif column and column not in found.filtered and column not in found.groups:
        found.figures += [Figure(how="distinct", column=column), Figure(how="count")]
    elif not whole and (
        said := [c for c in found.mentioned(text) if c in adds and c not in found.filtered]
    ):
        found.figures.append(Figure(how="sum", column=said[0]))  # "how many beds were free"
    else:
        found.figures.append(Figure(how="count"))


def spread(found: Heard, how: How, text: str) -> None:
    """ "on average", "in total": of what is spoken of elsewhere."""
    if any(f.how in ("sum", "avg", "count") for f in found.figures):
        return
    column = implied(found, text)
    if column:
        found.figures.append(Figure(how=how, column=column))
