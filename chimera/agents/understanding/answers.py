"""A yes or a no to a question that was asked, however people say it, with a remark beside it or not."""

# ruff: noqa: E501 -- one list of words a line

from __future__ import annotations

import re
from typing import Literal

from chimera.agents.understanding.beside import beside
from chimera.agents.understanding.names import Known
from chimera.agents.understanding.wording import spelt

AGREES = (
    r"(?:yes|y|yep|yeah|yup|yea|ya|aye|sure|sure thing|of course|absolutely|definitely|certainly|ok|okay|alright|do it|do that|do so|"
    r"go ahead|go for it|go on|proceed|confirm|confirmed|i confirm|affirmative|please do|please|correct|right|exactly|exactly this|"
    r"exactly that|make it so|sounds good|looks good|lgtm|i do|that's right|that is right|that's it)"
)
BESIDE_YES = (
    r"(?:thanks|thank you|thx|ty|pls|plz|now|then|mate|chimera|with it|with that|and|let's)"
)
YES = re.compile(
    rf"^(?:and |oh |well )?{AGREES}(?:[\s.,!]+(?:{AGREES}|{BESIDE_YES}))*[\s.!]*$", re.I
)
NO = re.compile(
    r"^(?:oh |um |hm+ |ok |well |actually |please )?(?:no|n|nope|nah|na|no way|no thanks|no thank you|cancel|stop|abort|don't|do not|don't do (?:it|that|this)|"
    r"never mind|nevermind|nvm|leave it|leave it alone|leave it be|forget it|forget about it|forget that|rather not|better not|i'd rather not|negative|"
    r"hold off|not now|not yet|scratch that|drop it|skip it|wait|i don't|let's not|not that|not this|not that one|no don't|no stop|no wait|no leave it|no cancel|no never mind|"
    r"cancel (?:it|that|this))(?:[\s.,!]+(?:no|nope|nah|thanks|thank you|thx|please|leave it|don't|stop|wait|never mind|cancel|not now|not yet|sorry|again|then|mate|chimera))*[\s.!]*$",
    re.I,
)
REMARKED = re.compile(
    rf"^(?P<word>(?:{AGREES}[\s,]+)*{AGREES})\s*(?:[,.;:!(…]+|\s[-–—]+\s|\s(?=but\b|only\b|if\b|because\b|since\b|as\b|it\b|we\b|i\b))\s*(?P<rest>.+)$",
    re.I | re.S,
)


def answer_in(text: str, known: Known, vocabulary: frozenset[str]) -> Literal["yes", "no", ""]:
    """What a message answers. A yes with something against it, or something doubtful, is a no."""
    text = spelt(" ".join(text.split()))
    if YES.match(text):
        return "yes"
    if NO.match(text):
        return "no"
    if (match := REMARKED.match(text)) is None or "?" in text:
        return ""
    found = beside(match["rest"].strip(" ).!"), (), known, vocabulary)
    if found.means == "reason":
        return "yes"
    return (
        "no"
        if re.match(
            r"(?:but|only|if|not|no|unless|wait|when|once|after|later)\b", match["rest"], re.I
        )
        else ""
    )
