"""The grammar of wishes. A wish that changes something is read word by word, or not at all.

A clause must be an imperative that the grammar consumes completely: a verb, what it is done to, at
most a number, a release or a time, and politeness. Beside it may stand a plain statement, kept as
its reason. What is left over, negated, asked, conditional or quoted is no wish; the graph then
asks. Nothing but the person's own message is ever read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chimera.agents.understanding.beside import CONDITIONAL, NOT_DONE, beside
from chimera.agents.understanding.grammar import (
    HESITANT,
    MORE,
    POLITE,
    RULES,
    TAIL,
    UNKNOWN_VERBS,
    VERBS,
    Kind,
)
from chimera.agents.understanding.names import IT, Known, Named, names_in
from chimera.agents.understanding.times import duration_in

__all__ = ["Doubt", "Kind", "Wish", "clauses", "weighed", "wish_in"]


@dataclass(frozen=True)
class Wish:
    """What a person wants changed. `target` is a known name, or "" when it is to be looked up or
    asked; `pronoun` says that they spoke of "it". `sure` is False where a typo was mended, or what
    stands beside the command leaves a doubt: it is asked about first."""

    kind: Kind
    runbook: str = ""
    target: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    lasts: timedelta | None = None
    reason: str = ""
    subject: str = ""  # an incident, an order, a silence
    pronoun: bool = False
    sure: bool = True
    said: str = ""
    guessed: str = ""  # how a name was written that was taken for another


@dataclass(frozen=True)
class Doubt:
    """It sounds like a wish and cannot be taken as one; `why` is told to the person."""

    why: str
    said: str = ""


ASKED = re.compile(
    r"^(?:should|can i|may i|could i|did|does|do you|was|were|is|are|has|have|had|why|who|what|when|how|which|where|"
    r"would it|would that|what if|is it|will it)\b"
)
NOT = re.compile(
    r"\b(?:don't|dont|do not|never|not|no need|without|won't|stop trying|cannot|can't|shouldn't)\b"
)
UNDONE = re.compile(r"^(?:(?:please|pls|no|oh|hey|wait)[\s,]+)*(?:don't|dont|do not|never)\b")
CONDITION = re.compile(
    r"\b(?:if|unless|when|whenever|once|in case|as soon as|otherwise|after|before)\b"
)
HELD = re.compile(
    r"^(?:if|when(?! (?:did|was|is|were|are|does|do|will|has|have|had|can)\b)|whenever|once|"
    r"in case|as soon as|unless|otherwise|after)\b"
)
ASKS_POLITELY = re.compile(
    r"^(?:(?:hey|hi|hello|please|pls|ok|so|chimera|and|yo|sorry)[\s,]+)*(?:can|could|would|will) (?:you|u|ya)\b"
)
QUOTED = re.compile(
    r"\"[^\"]*\"|“[^”]*”|'[^']{6,}'(?!\w)|`[^`]*`|```.*?```|^\s*(?:>|&gt;).*$|~[^~\n]+~",
    re.S | re.M,
)
BEGINS = (
    r"(?:(?:please|pls|plz|so|then|just|can you|could you|ok|now|and|also)\s+)*" + VERBS.pattern
)
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
    r"given that|reason:?|while|during|until|till|it's|its|it is|it has|it keeps|we|we're|i'm|i am|they|there|users|"
    r"customers|but|or|and|if|unless|when|once|after|before|otherwise|not|only)\b)",
    re.I,
)


def clauses(text: str) -> list[str]:
    """A message in its parts: sentences, and what `and then` joins."""
    bare = QUOTED.sub(" xquote ", text)
    return [part.strip(" ,") for part in PARTS.split(bare) if part and part.strip(" ,.!?")]


def wish_in(
    clause: str, question: bool, known: Known, vocabulary: frozenset[str], now: datetime
) -> Wish | Doubt | None:
    """The wish that a clause is; a `Doubt` where it sounds like one and is none; None otherwise."""
    plainly = POLITE.sub("", clause.lower().strip())
    begins = VERBS.match(plainly) or MORE.match(plainly)
    if begins:
        for head, rest in cuts(clause):
            found = command(head, known, vocabulary, now, clause)
            if isinstance(found, Doubt):
                return found
            if found is not None:
                asks = question and not ASKS_POLITELY.match(clause.lower())
                found = replace(found, sure=found.sure and not asks, said=clause)
                return weighed(found, rest, known, vocabulary) if rest else found
    return doubt_of(clause, question, known, vocabulary)


def cuts(clause: str) -> Iterator[tuple[str, str]]:
    """Each way to part a command from what follows it, the longest command first."""
    yield clause, ""
    for match in reversed(list(CUT.finditer(clause))):
        if match.start():
            yield clause[: match.start()], clause[match.end() :].strip(" ,.;:()-")


def command(
    text: str, known: Known, vocabulary: frozenset[str], now: datetime, clause: str
) -> Wish | Doubt | None:
    """The wish that a text is in all its words."""
    lasts, bare = duration_in(text, now)
    named = names_in(bare, known, vocabulary)
    if ASKED.match(named.text):
        return None
    words = ordered(named)
    for pattern, build in RULES:
        match = pattern.fullmatch(words)
        if match is not None:
            return _wish(build(match), named, known, lasts, clause)
    return None


def ordered(named: Named) -> str:
    """The words of a command, without politeness."""
    text = TAIL.sub("", POLITE.sub("", named.text.replace(" ' ", " "))).strip()
    return TAIL.sub("", re.sub(r"\b(\w+)'s\b", r"\1", text))


def weighed(wish: Wish, rest: str, known: Known, vocabulary: frozenset[str]) -> Wish | Doubt:
    """A wish with what stands beside it: its reason, a question first, or no wish any more."""
    brakes = wish.kind in ("pause", "silence", "acknowledge", "deny")
    if brakes and re.match(r"(?:while|during|until|till)\b", rest, re.I):
        rest = re.sub(r"^\w+\s+", "", rest)  # how long it shall hold, in words
    targets = tuple(one for one in (wish.target,) if one)
    found = beside(rest, targets, known, vocabulary)
    if found.means == "against":
        return Doubt(found.why, wish.said)
    reason = "; ".join(one for one in (wish.reason, rest) if one)
    sure = wish.sure and found.means == "reason"
    named = names_in(rest, known, vocabulary)
    if wish.pronoun and not wish.target and (named.nodes or named.unknown):
        sure = False  # "restart it, search hangs": which one is it?
    return replace(wish, reason=reason, sure=sure)


def doubt_of(clause: str, question: bool, known: Known, vocabulary: frozenset[str]) -> Doubt | None:
    """Why a clause that sounds like a wish is none."""
    named = names_in(clause, known, vocabulary)
    text = ordered(named)
    first = VERBS.match(text)
    politely = ASKS_POLITELY.match(named.text)
    undone = UNDONE.match(named.text)
    waits = HELD.match(text) and VERBS.search(text) and not question
    if first is None and not undone and not waits:
        return None
    if undone or NOT.search(named.text):
        return Doubt(NOT_DONE, clause)
    if waits or CONDITION.search(text):
        return Doubt(CONDITIONAL, clause)
    if UNKNOWN_VERBS.match(text):
        return Doubt(f"There is no runbook that does {text.split()[0]!r} like this.", clause)
    if question and not politely:
        return None
    if len(named.nodes) > 1:
        every = ", ".join(named.nodes)
        return Doubt(f"That names {every}. One change at a time: which one first?", clause)
    of = f" of {named.nodes[0]}" if named.nodes else ""
    return Doubt(f"That sounds like a change{of}, and I cannot read all of it.", clause)


def _wish(
    made: dict[str, object], named: Named, known: Known, lasts: timedelta | None, clause: str
) -> Wish | Doubt:
    name: Kind = made["kind"]  # type: ignore[assignment]
    raw = made.get("parameters") or {}
    assert isinstance(raw, dict)
    parameters = {str(k): str(v) for k, v in raw.items()}
    unknown = list(named.unknown)
    for key, value in parameters.items():  # a release may look like a name
        if value == "xunknown" and unknown:
            parameters[key] = unknown.pop()
    runbook = str(made.get("runbook", "")) or (named.runbook if name == "run" else "")
    if len(named.nodes) > 1:
        every = ", ".join(named.nodes)
        return Doubt(f"That names {every}. One change at a time: which one first?", clause)
    target = named.nodes[0] if named.nodes else ""
    if unknown and name in ("run", "silence", "approve", "deny"):
        target = f"?{unknown[0]}"
    return Wish(
        kind=name,
        runbook=runbook,
        target=target,
        parameters=parameters,
        lasts=lasts,
        subject=named.order or named.silence or named.incident,
        pronoun=bool(made.get("it")) or bool(IT & set(named.text.split())),
        sure=not (named.guessed or unknown or HESITANT.search(named.text)),
        said=clause,
        guessed=next((word for word, taken in named.guessed.items() if taken == target), ""),
    )
