"""The roles of a question over data, and what its nouns mean among a dataset's columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from chimera.agents.chat.figures import words
from chimera.agents.chat.figures.columns import exactly, meant, measured, measures, single
from chimera.agents.chat.figures.question import Figure
from chimera.agents.chat.figures.values import Values

SPOKEN = re.compile(  # words of a measure: where no column is one, they are refused
    r"revenue|price|volume|height|tonnage|weight|money|distance|age|temperature|speed|cost|income|spend\w*|spent|turnover|sales"
)


@dataclass
class Heard:
    """The roles that were found. `stranger`: a noun that is no column; `lacking`: of what?"""

    fields: Mapping[str, str]
    values: Values
    table: str
    filtered: frozenset[str] = frozenset()
    figures: list[Figure] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    unit: Literal["", "day", "month", "year"] = ""
    measure: str = ""  # by which is ranked: "top 3 ports by weight"
    rank: str = ""
    order: Literal["DESC", "ASC"] = "DESC"
    limit: int = 0
    show: list[str] = field(default_factory=list)
    rows: bool = False
    skip: int = 0
    exists: bool = False
    ranked: bool = False
    each_of: bool = False  # "per depot" was said
    each: bool = False  # "per booking": of one row
    stranger: str = ""
    lacking: str = ""

    @property
    def empty(self) -> bool:
        return not (self.figures or self.groups or self.rank or self.show or self.rows)

    def whole(self, word: str) -> bool:
        """Whether a word means the rows themselves: "booking" in bookings."""
        table = self.table.lower()
        return bool(word) and (
            word in words.ROWS
            or word.removesuffix("s")
            in (table.removesuffix("s"), table.removesuffix("s").split("_")[-1])
        )

    def mentioned(self, text: str) -> list[str]:
        """The columns that a text names, in its order."""
        found = [c for word in re.findall(r"[\w']+", text) if (c := exactly(word, self.fields))]
        return list(dict.fromkeys(found))

    def number_of(self, nouns: list[str]) -> str:
        """The column of numbers that a noun means."""
        joined = exactly("_".join(nouns), self.fields) if nouns else ""
        for column in (joined, *(meant(n, self.fields) for n in nouns)):
            if column:
                return column
        return next((c for n in nouns if (c := measured(n, self.fields))), "")


def implied(found: Heard, text: str) -> str:
    """The column of numbers that a text speaks of anywhere, or the only one there is."""
    adds = measures(found.fields)
    if found.measure:
        return found.measure
    if said := [c for c in found.mentioned(text) if c in adds]:
        return said[0]
    spoken = (measured(word, found.fields) for word in re.findall(r"[\w€$]+", text))
    return next((c for c in spoken if c), "") or single(found.fields)
