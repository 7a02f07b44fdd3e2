"""Slips of the pen: the word or the name that somebody meant, where there is one such."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

TYPO = 0.78  # of difflib's ratio
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def mended(word: str, vocabulary: frozenset[str]) -> str:
    """The one English word of which this is one slip away: two letters that changed places, one left
    out, one too many or one wrong; "" where there is none, or several as near."""
    if len(word) < 4 or word in vocabulary or name_like(word) or not word.isascii():
        return ""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    slips: tuple[set[str], ...] = (
        {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1},
        {a + c + b for a, b in cuts if a for c in LETTERS},
        {a + b[1:] for a, b in cuts if a and b} if len(word) > 4 else set(),
        {a + c + b[1:] for a, b in cuts if a and b for c in LETTERS} if len(word) > 4 else set(),
    )
    for made in slips:
        found = {one for one in made if one in vocabulary and len(one) > 2}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def name_like(word: str) -> bool:
    """Whether it is written as names are and words are not."""
    return bool(re.search(r"[a-z][-_][a-z]|[a-z]\d", word))


def closest(word: str, known: Iterable[str], ratio: float = TYPO) -> str:
    """The one known word that this may be a typo of; nothing if there is none."""
    best = difflib.get_close_matches(
        word, [k for k in known if abs(len(k) - len(word)) <= 2], 1, ratio
    )
    return best[0] if best else ""
