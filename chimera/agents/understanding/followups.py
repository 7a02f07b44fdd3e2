"""A follow-up as the whole question that it stands for: "and web?" is the one before, of web.

What it names takes the place of what was named: a service, a time, a signal.
"""

from __future__ import annotations

import re

from chimera.agents.understanding.names import Known
from chimera.agents.understanding.reading import Reading
from chimera.agents.understanding.signals import WORDS
from chimera.agents.understanding.topics import ABOUT_DATA, SUPERLATIVE

SHORT = 7  # words of a follow-up that says nothing whole by itself
ROWS = "sql"


def resumed(before: Reading, said: Reading) -> str:
    """The question before with what is said now in the place of the same; "" where nothing fits."""
    text = before.text
    if not before.text or len(said.named.text.split()) > SHORT or said.named.incident:
        return ""
    changed = False
    if said.named.nodes:
        if len(before.named.nodes) != 1:
            return ""
        old = re.escape(before.named.nodes[0])
        loose = old.replace(r"\-", "[-_ ]").replace("_", "[-_ ]")
        text, times = re.subn(rf"(?<!\w){loose}(?!\w)", said.named.nodes[0], text, flags=re.I)
        if not times:
            written = next((w for w, n in before.guessed.items() if n == before.named.nodes[0]), "")
            if not written:
                return ""
            text = text.replace(written, said.named.nodes[0])
        changed = True
    if not said.span.empty:
        text = text.replace(before.span.said, " ") if before.span.said else text
        text, changed = f"{text.rstrip(' ?.!')} {said.span.said}?", True
    if said.kind is not None and before.kind is not None and said.kind is not before.kind:
        pattern = next(words for words, kind in WORDS if kind is before.kind)
        spoken = next(words for words, kind in WORDS if kind is said.kind)
        new = re.search(rf"\b(?:{spoken})\b", said.text.lower())
        text, times = re.subn(
            rf"\b(?:{pattern})\b", new.group() if new else "", text, count=1, flags=re.I
        )
        changed = changed or bool(times)
    ranked, asked = SUPERLATIVE.search(said.text.lower()), SUPERLATIVE.search(text.lower())
    if ranked and asked and not changed:  # "and the least?"
        text, changed = f"{text[: asked.start()]}{ranked.group()}{text[asked.end() :]}", True
    return " ".join(text.split()) if changed else ""


def of_the_same_rows(said: Reading, last: str, focus: str, known: Known) -> bool:
    """Whether a message goes on about the rows that were spoken of."""
    if last != ROWS or focus not in known.columns:
        return False
    if any(name != focus for name in said.named.nodes) or ABOUT_DATA.search(said.named.text):
        return False
    if said.ellipsis and len(said.named.text.split()) <= SHORT:
        return True
    words = {f for w in re.findall(r"\w+", said.text.lower()) for f in (w, w.removesuffix("s"))}
    return said.named.pronoun and bool(words & {c.lower() for c in known.columns[focus]})
