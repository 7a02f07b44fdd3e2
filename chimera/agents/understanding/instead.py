"""The question beside a command that is not to be done: "don't restart it, show me its logs"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from chimera.agents.understanding.names import Known, Named, names_in

OPENING = re.compile(
    r"^(?:(?:ok|okay|so|well|hey|hi|hello|and|please|thanks|thank you|now|also|first)[\s,]*)*"
    r"(?P<asks>$|show|tell|give|list|plot|what|why|who|whose|when|where|which|how|is|are|was|were|did|does|do|has|have|can|could|"
    r"should|would|any|check|graph|explain|describe|find|search|get|xtime|look|p\d\d)(?:'s|s|'re|n't)?(?![\w'])",
    re.I,
)
APART = re.compile(
    r"\s*[,;:]\s*|\s+[-–—]+\s+|\s+(?=(?:but|just|rather|instead|first|before that|only|simply)\b)",
    re.I,
)
LEADING = re.compile(
    r"^(?:(?:but|just|rather|instead|first|before that|only|simply|and|for now|please|pls|yet|"
    r"let me (?:see|know)|(?:i|we) (?:just |only )?(?:want|need) to (?:see|know|hear)|"
    r"i'd like to (?:see|know))[\s,]+)+",
    re.I,
)
POINTING = re.compile(r"\b(?P<it>it|its|them|they)\b(?!')", re.I)


def questions_in(clause: str) -> tuple[str, list[str]]:
    """What is not to be done, and what is asked beside it in the same clause."""
    for cut in APART.finditer(clause):
        rest = LEADING.sub("", clause[cut.end() :].strip())
        opening = OPENING.match(rest)
        if opening and opening["asks"]:
            return clause[: cut.start()], [rest]
    return clause, []


def subject_of(commands: Sequence[str], known: Known, vocabulary: frozenset[str]) -> Named:
    """What the commands are about, where it is one thing; nothing otherwise."""
    found = [names_in(command, known, vocabulary) for command in commands]
    every = {(n.order or n.incident or n.silence, *n.nodes) for n in found}
    return found[0] if len(every) == 1 and len(found[0].nodes) < 2 else Named()


def pointed(question: str, subject: Named) -> str:
    """The question with the subject's own name in the place of "it"."""
    name = subject.order or subject.incident or subject.silence or " ".join(subject.nodes)
    if not name:
        return question
    return POINTING.sub(lambda m: f"{name}'s" if m["it"].lower() == "its" else name, question)


def about(named: Named, subject: Named) -> Named:
    """A question that names nothing, asked about the subject."""
    if named.nodes or named.order or named.incident or named.silence or named.unknown:
        return named
    return replace(
        named,
        nodes=subject.nodes,
        order=subject.order,
        incident=subject.incident,
        silence=subject.silence,
    )
