"""The parts of a message: sentences, a command and what stands beside it, without politeness."""

# ruff: noqa: E501 -- one list of words a line

from __future__ import annotations

import re
from collections.abc import Iterator

from chimera.agents.understanding.grammar import POLITE, TAIL, VERBS
from chimera.agents.understanding.names import Named
from chimera.agents.understanding.wording import figures, spelt

ASKS_POLITELY = re.compile(
    r"^(?:(?:hey|hi|hello|please|pls|ok|so|chimera|and|yo|sorry)[\s,]+)*(?:can|could|would|will) (?:you|u|ya)\b"
)
QUOTED = re.compile(
    r"\"[^\"]*\"|“[^”]*”|'[^']{6,}'(?!\w)|`[^`]*`|```.*?```|^\s*(?:>|&gt;).*$|~[^~\n]+~",
    re.S | re.M,
)
ORDERS = (
    VERBS.pattern
    + r"|(?:make|set) (?:it|that) (?:to )?\w+ (?:replicas|instances|pods)\b|(?:hand|pass|assign|escalate) (?:it|this|over|inc)\b"
)
BEGINS = rf"(?:(?:please|pls|plz|so|then|just|can you|could you|you can|you may|ok|now|and|also)\s+)*(?:{ORDERS})"
PARTS = re.compile(
    r"[.;!?\n]+(?=\s|$)|,?\s+(?:and\s+)?then\s+|\s+and\s+(?=[a-z' ]*?"
    + VERBS.pattern
    + r")|,\s*(?="
    + BEGINS
    + r")|\s+[-–—]+\s+(?="
    + BEGINS
    + r")|\s+so\s+(?=(?:please|pls|plz|just|can you|could you)\s+"
    + VERBS.pattern
    + r")",
    re.I,
)
# Where a command may end and something beside it begins.
CUT = re.compile(
    r"\s*[,;:(…]+\s*|\s+[-–—]+\s+|\.{2,}\s*|\s+(?=(?:because|cause|cuz|coz|cos|bc|since|as|due to|so that|so|for|to|"
    r"given that|reason:?|while|during|until|till|it's|its|(?:it|that|this|he|she|there) (?:is|was|has|had|keeps|looks|seems)|"
    r"that's|we|we're|we've|i'm|i am|i've|i'll|they|users|customers|now that|seeing|although|though|"
    r"at|in|on|tomorrow|tonight|later|but|or|and|if|unless|when|once|after|before|otherwise|not|only)\b)",
    re.I,
)


def clauses(text: str) -> list[str]:
    """A message in its parts: sentences, and what `and then` joins."""
    bare = spelt(QUOTED.sub(" xquote ", text))
    return [part.strip(" ,") for part in PARTS.split(bare) if part and part.strip(" ,.!?")]


def cuts(clause: str) -> Iterator[tuple[str, str]]:
    """Each way to part a command from what follows it, the longest command first."""
    yield clause, ""
    for match in reversed(list(CUT.finditer(clause))):
        if match.start():
            yield clause[: match.start()], clause[match.end() :].strip(" ,.;:()-")


def ordered(named: Named) -> str:
    """The words of a command, without politeness."""
    text = TAIL.sub("", POLITE.sub("", named.text.replace(" ' ", " "))).strip()
    return figures(TAIL.sub("", re.sub(r"\b(\w+)'s\b", r"\1", text)))
