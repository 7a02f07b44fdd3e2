"""Short names for the evidence of one turn: a model copies E3 without a slip, and a digest not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chimera.domain import Evidence

NAMES = re.compile(r"\s*[\[(【]\s*(E\d+(?:\s*[,;]?\s*E\d+)*)\s*[\])】]")
NAME = re.compile(r"E\d+")
UNCITED = 5  # pieces that are shown where none was cited


class Cited:
    """What was seen in a turn; the same piece has the same name however often it is seen."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._pieces: dict[str, Evidence] = {}

    def see(self, pieces: Iterable[Evidence]) -> None:
        for piece in pieces:
            self._pieces[self._names.setdefault(piece.id, f"E{len(self._names) + 1}")] = piece

    def name(self, piece: Evidence) -> str:
        return self._names[piece.id]

    def read(self, text: str) -> tuple[str, tuple[Evidence, ...]]:
        """The text with its citations as the numbers of the evidence beside it, in their order.

        A name that was never given is taken out: a model makes no evidence.
        """
        order: list[str] = []

        def numbered(found: re.Match[str]) -> str:
            given = [name for name in NAME.findall(found[1]) if name in self._pieces]
            order.extend(name for name in dict.fromkeys(given) if name not in order)
            numbers = dict.fromkeys(order.index(name) + 1 for name in given)
            return f" [{', '.join(map(str, numbers))}]" if numbers else ""

        said = NAMES.sub(numbered, text).strip()
        cited = tuple(self._pieces[name] for name in order)
        return said, cited or tuple(self._pieces.values())[:UNCITED]
