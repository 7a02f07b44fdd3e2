"""The grammar of wishes. A wish that changes something is read word by word, or not at all.

A clause must be an imperative that the grammar consumes completely: a verb, what it is done to, at
most a number, a release or a time, and politeness. Beside it may stand a plain statement, kept as
its reason. What is left over, negated, asked, conditional or quoted is no wish; the graph then
asks. Nothing but the person's own message is ever read here.
"""

# ruff: noqa: E501 -- one list of words a line

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from chimera.agents.understanding.durations import duration_in
from chimera.agents.understanding.grammar import HESITANT, MORE, POLITE, RULES, VERBS, Kind
from chimera.agents.understanding.incidents import STATEMENT
from chimera.agents.understanding.names import IT, Known, Named, names_in
from chimera.agents.understanding.parts import ASKS_POLITELY, clauses, cuts, ordered
from chimera.agents.understanding.weighing import HELD, doubt_of, weighed
from chimera.agents.understanding.wishes import Doubt, Wish
from chimera.agents.understanding.wording import imperatives, turned

__all__ = ["HELD", "Doubt", "Kind", "Wish", "clauses", "weighed", "wish_in"]

ASKED = re.compile(
    r"^(?:should|can i|may i|could i|did|does|do you|was|were|is|are|has|have|had|why|who|what|when|how|which|where|"
    r"would it|would that|what if|is it|will it)\b"
)
GETS = re.compile(
    rf"^(?:{ASKS_POLITELY.pattern[1:]}|(?:please |so |hey )*(?:can|could) (?:i|we) (?:please )?(?:get|have)\b)"
)
# About "it", where nothing else is said.
ABOUT_SOMETHING = ("approve", "deny", "acknowledge", "resolve", "hand_over", "veto")
ENVIRONMENTS = {"prod": "production", "stage": "staging", "dev": "development"}
WHERE = re.compile(
    r"(?:^|\s+)(?:(?:in|on|for|of|off) )?(?:the )?(?P<there>production|prod|staging|stage|development|dev|test|qa|preprod|sandbox)"
    r"(?: environment| env| cluster)?$"
)


def wish_in(
    clause: str, question: bool, known: Known, vocabulary: frozenset[str], now: datetime
) -> Wish | Doubt | None:
    """The wish that a clause is; a `Doubt` where it sounds like one and is none; None otherwise."""
    plainly = POLITE.sub("", clause.lower().strip())
    begins = VERBS.match(plainly) or MORE.match(plainly)
    if not begins:  # misspelt: read as what it was taken for, and asked about
        begins = VERBS.match(ordered(names_in(clause, known, vocabulary)))
    states = not question and STATEMENT.search(plainly)
    for head, rest in cuts(clause):
        found, plain = None, True
        if begins or states:
            found = command(head, known, vocabulary, now, clause)
        if found is None and (not question or GETS.match(clause.lower())):
            found, plain = said_otherwise(head, known, vocabulary, now, clause)
        if isinstance(found, Doubt):
            return found
        if found is not None:
            asks = question and not outright(clause)
            found = replace(found, sure=found.sure and plain and not asks, said=clause)
            return weighed(found, rest, known, vocabulary) if rest else found
    return doubt_of(clause, question, known, vocabulary)


def said_otherwise(
    head: str, known: Known, vocabulary: frozenset[str], now: datetime, clause: str
) -> tuple[Wish | None, bool]:
    """The wish of a text that is no imperative, and whether it is plainly wanted."""
    for imperative, plain in imperatives(head):
        found = command(imperative, known, vocabulary, now, clause)
        if isinstance(found, Wish):
            return found, plain
    return None, False


def outright(clause: str) -> bool:
    """Whether a question is a request: "can you ...?"; "would you ...?" may ask for advice."""
    asks = ASKS_POLITELY.match(clause.lower())
    if asks is None:
        return False
    kindly = re.search(r"\b(?:please|pls|plz|kindly|mind)\b", clause, re.I)
    return bool(kindly) or re.search(r"\bwould (?:you|u|ya)$", asks[0]) is None


def command(
    text: str, known: Known, vocabulary: frozenset[str], now: datetime, clause: str
) -> Wish | Doubt | None:
    """The wish that a text is in all its words."""
    lasts, bare = duration_in(text, now)
    named = names_in(bare, known, vocabulary)
    if ASKED.match(named.text):
        return None
    words = ordered(named)
    where = WHERE.search(words)
    for reading in dict.fromkeys((words, turned(words))):
        if built := built_of(reading):
            return _wish(built, named, known, lasts, clause)
    if where is None or (built := built_of(words[: where.start()].strip())) is None:
        return None
    there = ENVIRONMENTS.get(where["there"], where["there"])
    if built["kind"] not in ("pause", "resume") and there != known.estate.environment:
        own = known.estate.environment
        return Doubt(f"I change things in {own} only, and that says {there}.", clause)
    made = _wish(built, named, known, lasts, clause)
    if isinstance(made, Wish) and made.kind in ("pause", "resume"):
        return replace(made, target=there)
    return made


def built_of(words: str) -> dict[str, object] | None:
    """What the first rule that consumes all the words makes of them."""
    for pattern, build in RULES:
        if match := pattern.fullmatch(words):
            made: dict[str, object] = build(match)
            return made
    return None


def _wish(
    made: dict[str, object], named: Named, known: Known, lasts: timedelta | None, clause: str
) -> Wish | Doubt:
    name: Kind = made["kind"]  # type: ignore[assignment]
    raw = made.get("parameters") or {}
    assert isinstance(raw, dict)
    parameters = {str(k): str(v) for k, v in raw.items()}
    unknown = list(named.unknown)
    for key, value in parameters.items():  # a release may look like a name
        while "xunknown" in parameters[key].split() and unknown:
            first = 0 if value != "xunknown" else -1
            parameters[key] = parameters[key].replace("xunknown", unknown.pop(first), 1)
    runbook = str(made.get("runbook", "")) or (named.runbook if name == "run" else "")
    if len(named.nodes) > 1:
        every = ", ".join(named.nodes)
        return Doubt(f"That names {every}. One change at a time: which one first?", clause)
    if lasts and name not in ("silence", "pause"):
        return Doubt("I cannot do that for a while only.", clause)
    target = named.nodes[0] if named.nodes else ""
    if unknown and name in ("run", "silence", "approve", "deny"):
        target = f"?{unknown[0]}"
    subject = named.order or named.silence or named.incident
    bare = not (subject or target or parameters) and name in ABOUT_SOMETHING
    return Wish(
        kind=name,
        runbook=runbook,
        target=target,
        parameters=parameters,
        lasts=lasts,
        subject=subject,
        pronoun=bool(made.get("it")) or bool(IT & set(named.text.split())) or bare,
        sure=not (made.get("unsure") or named.guessed or unknown or HESITANT.search(named.text)),
        said=clause,
        guessed=next((word for word, taken in named.guessed.items() if taken == target), ""),
    )
