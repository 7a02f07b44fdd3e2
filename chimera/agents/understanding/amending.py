"""The rest of a wish, or another value for it, in the next message: "search", "make it 5 instead".

Like a command it must be consumed word by word: a value, and words that only say that it is one.
"""

# ruff: noqa: E501 -- one list of words a line

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from chimera.agents.understanding.durations import duration_in
from chimera.agents.understanding.names import Known, names_in
from chimera.agents.understanding.parts import ordered
from chimera.agents.understanding.wishes import Wish
from chimera.agents.understanding.wording import spelt

LEAD = (
    r"(?:(?:no|nope|not that|sorry|actually|rather|wait|hm+|oh|ok|and|or|better|i mean|i meant|let's|say|do|use|take|"
    r"make (?:it|that|this)|make|set (?:it|that) to|change (?:it|that) to|to|of|on|for|with|it is|it's|the one is|just)[\s,]+)*"
)
TAIL = r"(?:[\s,]+(?:instead|rather|then|please|now|again|thanks|i mean|would be better|is better|is enough|will do|should do))*"
NUMBER = re.compile(rf"{LEAD}(?P<n>\d+)(?: replicas?| instances?| pods?)?{TAIL}")
RELEASE = re.compile(rf"{LEAD}(?:release |version )?(?P<to>v?\d+(?:\.[\w\-+]+)+){TAIL}")
NAME = re.compile(
    rf"{LEAD}(?:the )?(?:service |step )?(?:xnode|xdata)(?: service| one| step)?{TAIL}"
)
LASTS = re.compile(rf"{LEAD}(?:(?:instead|rather|then|please|now)\s+)*")


def amended(
    text: str, wish: Wish, known: Known, vocabulary: frozenset[str], now: datetime
) -> Wish | None:
    """The wish with what the message says of it; None where the message is something else."""
    text = spelt(text).strip(" .!,")
    if "?" in text:
        return None
    lasts, bare = duration_in(text, now)
    around = " ".join(bare.lower().split())
    if wish.kind == "silence" and lasts and (not around or LASTS.fullmatch(f"{around} ")):
        return replace(wish, lasts=lasts, said=f"{wish.said}; {text}")
    named = names_in(text, known, vocabulary)
    words, said = ordered(named), f"{wish.said}; {text}"
    if named.guessed or named.unknown or wish.kind not in ("run", "silence"):
        return None
    if wish.runbook == "scale_service" and (match := NUMBER.fullmatch(words)):
        return replace(wish, parameters={**wish.parameters, "replicas": match["n"]}, said=said)
    if wish.runbook == "roll_back_release" and (match := RELEASE.fullmatch(words)):
        return replace(wish, parameters={"to_release": match["to"]}, said=said)
    if len(named.nodes) == 1 and NAME.fullmatch(words):
        return replace(wish, target=named.nodes[0], pronoun=False, said=said)
    return None
