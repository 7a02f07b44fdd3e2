"""What stands beside a command, and why what sounds like one is none."""

# ruff: noqa: E501 -- one list of words a line

from __future__ import annotations

import re
from dataclasses import replace

from chimera.agents.understanding.beside import (
    CONDITIONAL,
    LATER,
    NOT_DONE,
    PART,
    TOLD,
    WHEN,
    beside,
    chatter,
)
from chimera.agents.understanding.grammar import UNKNOWN_VERBS, VERBS
from chimera.agents.understanding.names import Known, Named, names_in
from chimera.agents.understanding.parts import ASKS_POLITELY, ordered
from chimera.agents.understanding.wishes import Doubt, Wish

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
WANTS = re.compile(
    r"\b(?:i|we)(?:'d like| want| need| would like)\b.*\b(?:xnode|xdata|it|replicas?)\b"
)
UNNEEDED = re.compile(
    r"\b(?:(?:it|that|this)(?:'s| is) )?(?:no longer|not|isn't|(?:is|are) not) (?:really )?(?:needed|necessary|wanted|required|useful|safe|worth \w+)(?: any ?more| now| today)?"
    r"|\b(?:don't|do not|doesn't|does not|nobody) (?:really )?(?:wants?|needs?) (?:it|this|that)\b(?: any ?more| now)?",
    re.I,
)


def weighed(wish: Wish, rest: str, known: Known, vocabulary: frozenset[str]) -> Wish | Doubt:
    """A wish with what stands beside it: its reason, a question first, or no wish any more."""
    brakes = wish.kind in ("pause", "silence", "acknowledge", "deny")
    if brakes and re.match(r"(?:while|during|until|till)\b", rest, re.I):
        rest = re.sub(r"^\w+\s+", "", rest)  # how long it shall hold, in words
    targets = tuple(one for one in (wish.target,) if one)
    against = rest
    if wish.kind in ("deny", "lift", "resolve", "resume"):  # what is not wanted speaks for these
        against = UNNEEDED.sub("it is fine", rest)
    found = beside(against, targets, known, vocabulary)
    if found.means == "against":
        return Doubt(found.why, wish.said)
    told = "" if chatter(rest) else rest
    reason = "; ".join(one for one in (wish.reason, told) if one)
    sure = wish.sure and (found.means == "reason" or (brakes and found.why == PART))
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
    waits = HELD.match(text) and (VERBS.search(text) or WANTS.search(text)) and not question
    if first is None and not undone and not waits:
        return None
    if not undone and TOLD.match(text):
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
    if (spoken := named.text.split()) and any(
        WHEN.search(" ".join(spoken[at:])) for at in range(1, len(spoken))
    ):
        return Doubt(LATER, clause)
    return Doubt(f"{understood(named, text)}, and I cannot read all of it.", clause)


def understood(named: Named, text: str) -> str:
    """What was read of a change that was not wholly understood."""
    verb = VERBS.match(text)
    what = named.order or named.incident or named.silence or " ".join(named.nodes)
    of = f" of {what}" if what else ""
    return f"That sounds like a change{of}" + (f" (`{verb[0]}`)" if verb else "")
