"""Which dataset a question is over: the one it names, or the one whose columns and values it speaks of."""

from __future__ import annotations

import re

from chimera.agents.chat.figures.columns import exactly, measured
from chimera.agents.chat.figures.values import Values, spoken, values_of
from chimera.agents.chat.shape import Ask, Looks
from chimera.agents.understanding.names import Known

LOOKED = 6  # datasets whose values are looked through
ELSEWHERE = re.compile(  # a dataset is named, and there is none of that name
    r"\b(?:dataset|table) (?:the |our )?(?!xcolumn|x?time|it\b|there\b|that\b|this\b|total\b|all\b)[a-z]\w+ ?$"
)


def named_table(ask: Ask) -> str:
    """The dataset that the message names, in the plural or the singular."""
    columns = ask.known.columns
    if found := next((n for n in ask.reading.named.nodes if n in columns), ""):
        return found
    text = ask.reading.text.lower()
    return spoken_table(text, ask.known)


def spoken_table(text: str, known: Known) -> str:
    """A dataset by its name in the singular, or by the last word of it: "the most expensive booking"."""
    found = []
    for name in known.columns:
        one = re.sub(r"[_\-]+", " ", name.lower())
        last = one.split()[-1]
        for form in {
            one,
            one.removesuffix("s"),
            re.sub("ies$", "y", one),
            last,
            last.removesuffix("s"),
        }:
            if len(form) > 3 and re.search(rf"\b{re.escape(form)}\b", text):
                found.append(name)
                break
    return found[0] if len(found) == 1 else ""


async def chosen(ask: Ask, looks: Looks, before: str) -> tuple[str, Values]:
    """The dataset and its values; "" where it cannot be told."""
    columns = ask.known.columns
    table = named_table(ask)
    if table or len(columns) == 1:
        table = table or next(iter(columns))
        return table, await values_of(looks, table, columns[table])
    text = ask.reading.text
    found: dict[str, tuple[float, Values]] = {}
    for name in list(columns)[:LOOKED]:
        words = re.findall(r"[a-z_]+", text.lower())
        hits = 1.0 * len({c for w in words if (c := exactly(w, columns[name]))})
        hits += 0.5 * len({c for w in words if (c := measured(w, columns[name]))})
        values = await values_of(looks, name, columns[name])
        told = {v for vs in values.values() for v in vs if spoken(text, v)}
        found[name] = (hits + len(told) + 0.5 * (name == before), values)
    best = sorted(found, key=lambda n: -found[n][0])
    if not best or found[best[0]][0] < 0.5:
        return (before, found[before][1]) if before in found else ("", {})
    if len(best) > 1 and found[best[0]][0] == found[best[1]][0]:
        return "", {}
    return best[0], found[best[0]][1]
