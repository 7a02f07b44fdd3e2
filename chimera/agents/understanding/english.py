"""Whether a message is in English: the only language that the rules understand."""

from __future__ import annotations

import re

from chimera.agents.understanding.names import INCIDENT, ORDER, SILENCE, Known
from chimera.agents.understanding.spelling import closest, mended

ENGLISH = 0.5  # share of a message's words that must be English, names left aside


def english(text: str, known: Known, vocabulary: frozenset[str]) -> bool:
    """Whether enough of the words are English ones, names left aside."""
    bare = text
    for number in (ORDER, INCIDENT, SILENCE):
        bare = number.sub(" ", bare)
    words = re.findall(r"[^\W\d_]+(?:'[a-z]+)?", bare.lower())
    parts = {part for n in known.nodes for part in re.split(r"[\W_]+", n.lower())}
    words = [w for w in words if w not in parts and len(w) > 1 and w not in ("inc", "man", "sil")]
    if not words:
        return all(ord(c) < 0x250 for c in text)
    if any(ord(c) > 0x250 and c.isalpha() for c in text):
        return False
    columns = {c.lower() for fields in known.columns.values() for c in fields}
    told = 0.0
    for word in words:
        if (
            word in vocabulary
            or word in columns
            or word.rstrip("s") in vocabulary
            or re.sub(r"'s?$", "", word) in vocabulary
        ):
            told += 1
        elif word.isascii() and len(word) > 3 and closest(word, known.nodes, 0.8):
            told += 0.6  # a name, nearly
        elif mended(word, vocabulary) or (
            word.isascii() and len(word) > 3 and closest(word, vocabulary, 0.86)
        ):
            told += 0.6
        elif not word.isascii():
            told -= 0.5
    return told / len(words) >= ENGLISH or (len(words) == 1 and told > 0)
