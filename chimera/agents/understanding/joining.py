"""A message's one wish and its other clauses, made one: a reason, a question beside it, or no wish."""

from __future__ import annotations

import re
from dataclasses import replace

from chimera.agents.understanding.actions import HELD, Doubt, Wish, weighed
from chimera.agents.understanding.beside import (
    CHAT,
    CONDITIONAL,
    LATER,
    NOT_DONE,
    TAKEN_BACK,
    beside,
)
from chimera.agents.understanding.instead import OPENING
from chimera.agents.understanding.names import INCIDENT, ORDER, SILENCE, Known, names_in
from chimera.agents.understanding.wording import spelt


def together(
    text: str,
    wishes: list[Wish],
    doubts: list[Doubt],
    asked: list[str],
    known: Known,
    vocabulary: frozenset[str],
) -> tuple[list[Wish], list[Doubt], list[str]]:
    """A message's one wish beside its other clauses: a statement is its reason, a question is
    answered too; what speaks against it, or is no plain statement, makes it none or unsure."""
    wishes = merged(wishes)
    if len(wishes) != 1:
        return wishes, doubts, asked
    if doubts:  # half of it was understood
        return [], doubts, asked
    wish, questions = wishes[0], list[str]()
    for clause in asked:
        if HELD.match(clause.lower()) and "?" not in text:
            return [], [Doubt(CONDITIONAL, clause)], questions
        opening = OPENING.match(clause)
        stated = names_in(clause, known, vocabulary).text.startswith(("xnode", "xdata"))
        if opening and opening["asks"] and not stated and not DO.match(clause):
            against = beside(clause, (wish.target,) if wish.target else (), known, vocabulary)
            if against.why in (NOT_DONE, CONDITIONAL, LATER, TAKEN_BACK):
                return [], [Doubt(against.why, clause)], questions
            questions.append(clause)
            continue
        found = weighed(meant(wish, clause, known, vocabulary), clause, known, vocabulary)
        if isinstance(found, Doubt):
            return [], [found], questions
        wish = found
        if TO_COME.search(names_in(clause, known, vocabulary).text) and after(wish.said, text):
            return [], [Doubt(LATER, wish.said)], questions
    return [wish], doubts, questions


def after(command: str, text: str) -> bool:
    """Whether a command is said to follow on something: "it ends at ten. then restart web"."""
    return bool(re.search(rf"\bthen\s+{re.escape(command)}", spelt(text), re.I))


def merged(wishes: list[Wish]) -> list[Wish]:
    """ "mark INC-7 as a false alarm and close it" is one wish, said twice."""
    if len({(wish.kind, wish.runbook) for wish in wishes}) != 1:
        return wishes
    told = [w for w in wishes if w.target or w.subject or w.parameters or w.lasts or not w.pronoun]
    if len(told) > 1:
        return wishes
    one = (told or wishes)[0]
    return [replace(one, sure=any(wish.sure for wish in wishes))]


def meant(wish: Wish, clause: str, known: Known, vocabulary: frozenset[str]) -> Wish:
    """ "lending leaks, restart it": what the statement is about; where that is not plain, asked."""
    if wish.target or wish.subject or not wish.pronoun or wish.kind in ("pause", "resume"):
        return wish
    named = names_in(clause, known, vocabulary)
    if wish.kind not in ("run", "silence"):
        ids = {one.upper() for one in SPOKEN[wish.kind].findall(clause)}
        if len(ids) > 1:
            return replace(wish, sure=False)
        if ids:
            spoken_of = named.order if wish.kind in ("approve", "deny") else ""
            return replace(wish, subject=spoken_of or named.silence or named.incident)
        return replace(wish, target=named.nodes[0]) if len(named.nodes) == 1 else wish
    if not named.nodes:  # "the site is slow, restart it": perhaps not what was spoken of before
        spoken = re.search(r"\b(?:it|its|it's|this|that|we|i|i'm)\b", named.text)
        stranger = named.unknown or not (spoken or CHAT.fullmatch(named.text))
        return replace(wish, sure=False) if stranger else wish
    subject = re.match(r"(?:so |the |our |my |service |ok |hey )*(?:xnode|xdata)\b", named.text)
    if len(named.nodes) > 1 or not subject or re.search(r"\b(?:it|this|that)\b", named.text):
        return replace(wish, sure=False)
    sure = wish.sure and not named.guessed
    return replace(wish, target=named.nodes[0], sure=sure)


TO_COME = re.compile(  # what is told is still ahead
    r"\b(?:will|going to|'ll|tomorrow|tonight|soon|later|next \w+|in (?:an?|\d+|two|five|ten) \w+)\b"
    r"|\b(?:comes?|ends?|starts?|begins?|arrives?|opens?|closes?|finish(?:es)?|goes|lands?)\b"
    r".* (?:at|by|around|in|xtime)\b"
)
SPOKEN = {  # how the things are written that a wish of a kind can be about
    "approve": ORDER, "deny": ORDER, "acknowledge": INCIDENT, "resolve": INCIDENT,
    "lift": SILENCE, "hand_over": INCIDENT, "veto": INCIDENT,
}  # fmt: skip
DO = re.compile(r"do (?:it|this|that|so|not)\b", re.I)
