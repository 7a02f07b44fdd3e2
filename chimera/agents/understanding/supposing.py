"""Questions that bring their own answer along: "the release broke it, right?", "is it the disk again?".

A person supposes a cause and, said or not, what it did. Both are read here, to be checked; nothing
is taken for granted of either.
"""

# ruff: noqa: E501 -- one form of speech a line

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chimera.agents.understanding.blaming import CARRIES, SAID, STATED
from chimera.agents.understanding.faults import THINGS, changes_in, deed_in, kinds_in
from chimera.agents.understanding.names import Known, Named, names_in


@dataclass(frozen=True)
class Supposition:
    """A cause and its effect, as they were said, and what each names. `effect` is "" for "it";
    `harm`: any effect at all is asked about."""

    cause: str
    effect: str = ""
    harm: bool = False
    of: Named = field(default_factory=Named)
    on: Named = field(default_factory=Named)


LEAD = re.compile(
    r"^(?:(?:hey|hi|hello|so|ok|okay|and|but|or|well|hm+|also|then|btw|fyi|please|quick question|just wondering|i (?:think|guess|bet|suppose|suspect|believe|heard|assume|take it|am sure|would say)|i'm (?:pretty |quite )?sure|"
    r"pretty sure|we (?:think|suspect|believe|heard)|they say|people say|somebody says|(?:it )?(?:looks|seems|feels) like|(?:could|can|might|may) it be|is it (?:possible|true|right|correct|likely)|isn't it true|"
    r"do you (?:think|believe|agree)|would you say|tell me(?: if| whether)?|check (?:if|whether)|any chance|chances are|maybe|perhaps|probably|surely|obviously|clearly|apparently|guess)(?: that)?[\s,:]+)+(?=\S)",
    re.I,
)
TAIL = re.compile(
    r"(?:[\s,]+(?:right|no|or|or not|or what|correct|yes|yeah|huh|true|ok|isn't it|isn't that so|wasn't it|doesn't it|didn't it|don't you think|is it|did it|was it|does it|eh|then|again|too|by any chance|as well|at all|today|now|right now|tonight|this time|in the end|i guess|i think|i suppose|maybe|perhaps))+$",
    re.I,
)
QUESTION = re.compile(r"^(?:what|who|which|when|where|whom|whose|how many|how much|how long|show|list|give|since when)\b", re.I)  # fmt: skip
WHEREFORE = re.compile(r"^(?:why|how come|how could|how did|how can|how does)\b\s*", re.I)
OPEN = re.compile(r"\b(?:if|would|whether|should|what|who|which|anything else|something else|anybody|who else)\b", re.I)  # fmt: skip

JUDGED = re.compile(  # "is it worth a restart?" asks for advice
    r"(?:worth|safe|ok|okay|wise|possible|necessary|time|allowed|useful|sensible|dangerous|risky|enough|an? (?:good|bad|great) idea|supposed|about|going)\b",
    re.I,
)
LONGEST = 16  # words of a cause
SENTENCE = re.compile(r"[.?!;\n]+(?=\s|$)")
PRONOUN = re.compile(r"^(?:it|that|this|them|they|these|those|things|he|she|all this|all that)$", re.I)  # fmt: skip
STATEMENT = re.compile(
    r",\s*(?=(?:so |and )?(?:that|this|it|which|(?:is|was|could|might|must|can) (?:it|that|this))\b)",
    re.I,
)


def supposition_in(text: str, known: Known, vocabulary: frozenset[str]) -> Supposition | None:
    """What a message supposes; None where it supposes nothing that could be checked."""
    whole = spelled(text, known, vocabulary)
    parts = [part.strip(" ,") for part in SENTENCE.split(whole) if part.strip(" ,")]
    pieces = [piece for part in parts for piece in STATEMENT.split(part)] if len(parts) < 8 else []
    for at, piece in enumerate(pieces):
        for form in forms(piece):
            made = placed(form, " ".join(pieces[:at]), known, vocabulary)
            if made is not None:
                return made
    return None


def leans(piece: str) -> bool:
    """Whether a sentence may suppose the cause of what was said before it: "is it the disk?"."""
    return any(PRONOUN.match(form.effect) or not form.effect for form in forms(piece))


@dataclass(frozen=True)
class Form:
    """One way to read a sentence. `deliberate`: only where the cause is a change or a fault;
    `elsewhere`: only where it is of something else than the effect."""

    cause: str
    effect: str
    harm: bool
    deliberate: bool
    elsewhere: bool


def forms(piece: str) -> Iterator[Form]:
    """Each way in which a sentence may be a cause and an effect."""
    bare = LEAD.sub("", TAIL.sub("", piece.strip())).strip()
    bare = TAIL.sub("", bare)
    asked = WHEREFORE.sub("", bare)
    if re.search(r"\bif\b|\bwould\b|\bshould\b(?! (?:i|we) blame)", bare, re.I):
        return
    for pattern, harm in SAID:
        if QUESTION.match(bare) and not harm:
            continue
        if match := pattern.fullmatch(asked):
            found = match.groupdict()
            yield Form(
                cause=(found.get("cause") or "").strip(" ,"),
                effect=(found.get("effect") or "").strip(" ,"),
                harm=harm,
                deliberate="deliberate" in found,
                elsewhere="elsewhere" in found,
            )


def placed(form: Form, before: str, known: Known, vocabulary: frozenset[str]) -> Supposition | None:
    """A cause that is one, and its effect; what "that" means is what was said before it."""
    cause, effect = form.cause, form.effect
    if PRONOUN.match(cause):
        cause, before = before, ""
    if PRONOUN.match(effect) or not effect:
        effect = before
    of, on = (names_in(words, known, vocabulary) for words in (cause, effect))
    change = bool(changes_in(cause) or kinds_in(cause))
    if not blames(cause, of) or JUDGED.match(cause) or (OPEN.search(cause) and not form.harm):
        return None
    if (form.deliberate and not change) or (form.harm and not (changes_in(cause) or of.nodes)):
        return None
    if form.elsewhere and not (change and STATED.search(effect) and set(of.nodes) - set(on.nodes)):
        return None
    return Supposition(cause, effect, form.harm, of, on)


def blames(cause: str, named: Named) -> bool:
    """Whether words name something that can be a cause: a node, a change, a kind of fault."""
    if not cause or len(cause.split()) > LONGEST or named.incident:
        return False
    told = changes_in(cause) or kinds_in(cause) or deed_in(cause) or THINGS.search(cause)
    return bool(named.nodes or named.unknown or told)


def spelled(text: str, known: Known, vocabulary: frozenset[str]) -> str:
    """The text with its slips of the pen mended, in names and in the words that carry the meaning;
    any other word may be one of the trade that is not known here."""
    for wrong, right in names_in(text, known, vocabulary).guessed.items():
        if right in known.nodes or CARRIES.fullmatch(right) or changes_in(right) or kinds_in(right):
            text = re.sub(rf"(?<!\w){re.escape(wrong)}(?!\w)", right, text)
    return " ".join(text.split())
