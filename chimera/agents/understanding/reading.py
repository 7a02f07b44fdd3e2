"""A message as the rules read it: intents, names, times, queries and wishes, from its text alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from chimera.agents.understanding.actions import Doubt, Wish, clauses, wish_in
from chimera.agents.understanding.answers import answer_in
from chimera.agents.understanding.beside import (
    NOT_DONE,
)
from chimera.agents.understanding.english import english
from chimera.agents.understanding.instead import (
    about,
    pointed,
    questions_in,
    subject_of,
)
from chimera.agents.understanding.intents import Intents
from chimera.agents.understanding.joining import together
from chimera.agents.understanding.moments import moments_in
from chimera.agents.understanding.names import (
    Known,
    Named,
    names_in,
    unnamed,
)
from chimera.agents.understanding.signals import kind_in, promql_in, sql_in
from chimera.agents.understanding.supposing import (
    WHEREFORE,
    Supposition,
    leans,
    supposition_in,
)
from chimera.agents.understanding.times import Span, span_in
from chimera.agents.understanding.topics import of_a_signal, of_rows, topic_of
from chimera.domain import SignalKind

SURE = 0.42  # probability from which an intent is taken
LEAD = 1.6  # times the second one, from which less will do
LEAST = 0.22
CHOICE = re.compile(r"^(?:option\s+|number\s+|#)?([1-5])[.)!]*$", re.I)
ELLIPSIS = re.compile(
    r"^(?:(?:ok|okay|thanks|great|so|hm+|right)[\s,.]+)*(?:and|what about|how about"
    r"|same(?: (?:thing|question))?(?: for| with| but)?|also|only|just|but|for|now|or|then|instead|ditto)\b",
    re.I,
)


@dataclass(frozen=True)
class Reading:
    """What one message says."""

    text: str
    named: Named
    span: Span
    intents: tuple[tuple[str, float], ...] = ()
    wishes: tuple[Wish, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    asks: tuple[str, ...] = ()  # the clauses that are no wish
    promql: str = ""
    sql: str = ""
    kind: SignalKind | None = None
    english: bool = True
    yes: bool = False
    no: bool = False
    choice: int = 0
    ellipsis: bool = False  # "and orders?": the question before, of something else
    guessed: dict[str, str] = field(default_factory=dict)
    topic: str = ""  # the intent for which its roles speak
    supposed: Supposition | None = None  # the cause that it brings along, to be checked
    moments: tuple[Span, Span] | None = None  # two times that are held against each other

    @property
    def intent(self) -> str:
        """The intent that the roles speak for, or the likeliest if it is sure enough; else ""."""
        return self.topic or self.likeliest

    @property
    def likeliest(self) -> str:
        """The intent that is likest to the examples, if it is sure enough."""
        if not self.intents:
            return ""
        (best, share), *others = self.intents
        second = others[0][1] if others else 0.0
        return best if share >= SURE or (share >= LEAST and share >= LEAD * second) else ""


def read(text: str, known: Known, intents: Intents, now: datetime) -> Reading:
    """Read a message. Pure: the same text and names give the same reading."""
    text = " ".join(text.replace("’", "'").replace("“", '"').replace("”", '"').split(" ")).strip()
    sql, promql = sql_in(text), ""
    if not sql:
        promql = promql_in(text)
    asked: list[str] = []
    wishes: list[Wish] = []
    doubts: list[Doubt] = []
    question = text.rstrip().endswith("?")
    if not sql and not promql:
        for clause in clauses(text):
            found = wish_in(clause, question, known, intents.vocabulary, now)
            if isinstance(found, Wish):
                wishes.append(found)
            elif isinstance(found, Doubt):
                doubts.append(found)
            else:
                asked.append(clause)
        wishes, doubts, asked = together(text, wishes, doubts, asked, known, intents.vocabulary)
    subject = Named()
    if doubts and not wishes and all(doubt.why == NOT_DONE for doubt in doubts):
        undone = []
        for doubt in doubts:
            command, beside_it = questions_in(doubt.said)
            undone.append(command)
            asked += beside_it
        subject = subject_of(undone, known, intents.vocabulary)
        asked = [pointed(one, subject) for one in asked]
    masked = text
    for query in (sql, promql):
        masked = masked.replace(query, " ") if query else masked
    rest = ". ".join(asked) if (wishes or doubts) else masked
    span, without = span_in(rest, now)
    named = about(names_in(without, known, intents.vocabulary), subject)
    ranked = intents.read(named.text) if named.text.strip() else ()
    if promql:
        ranked = (("metric", 1.0),)
    elif sql:
        ranked = (("sql", 1.0),)
    choice = CHOICE.match(text)
    answered = answer_in(text, known, intents.vocabulary)
    reading = Reading(
        text=text,
        named=named,
        span=span,
        intents=ranked[:3],
        wishes=tuple(wishes),
        doubts=tuple(doubts),
        asks=tuple(asked),
        promql=promql,
        sql=sql,
        kind=kind_in(unnamed(without, named)),
        english=bool(sql or promql) or english(text, known, intents.vocabulary),
        yes=answered == "yes",
        no=answered == "no",
        choice=int(choice[1]) if choice else 0,
        ellipsis=bool(ELLIPSIS.match(text)),
        guessed=named.guessed,
    )
    if promql or sql or reading.yes or reading.no or not named.text.strip():
        return reading
    supposed = supposition_in(text, known, intents.vocabulary) if not (wishes or doubts) else None
    if supposed is not None:
        return replace(reading, topic="supposed", supposed=supposed)
    moments = moments_in(rest, now)
    reading = replace(reading, moments=moments)
    if moments and of_a_signal(named, reading.kind, known):
        return replace(reading, topic="metric")
    if moments and reading.kind is None and of_rows(named.text, named, known, compared=True):
        return replace(reading, topic="sql")
    topic = topic_of(rest, named, reading.kind, known, ranked, reading.likeliest)
    return replace(reading, topic=topic)


BETWEEN = re.compile(
    r"[?;\n]+\s*|[.!]+\s+|(?:,\s*|\s+)(?:(?:and|also|plus|or)\s+(?:then\s+)?(?:also\s+)?|n\s+)"
    r"(?=(?:since when|how|why|who|whose|what|when|where|which|is|are|was|were|did|does|do|has|have|"
    r"will|for how long|until when|can i|should i|show|tell|give)\b)"
    r"|,\s*(?=(?:what|who|whose|which|how|when|why|where)\b)",
    re.I,
)


SCANT = re.compile(  # of what was just asked, and of nothing else
    r"(?:and )?(?:by whom|until when|till when|what for|to whom|with what|"
    r"what (?:does|did|do) (?:it|that|they) (?:say|tell|mean))\b",
    re.I,
)


def questions(text: str) -> list[str]:
    """The questions that a message is made of; one that says too little alone stays with another,
    and so does a "why" with the answer that is supposed after it."""
    parts = [part.strip(" ,") for part in BETWEEN.split(text) if part and part.strip(" ,.!")]
    found: list[str] = []
    for part in parts:
        if found and (SCANT.match(part) or (WHEREFORE.match(found[-1]) and leans(part))):
            found[-1] = f"{found[-1]}? {part}"
        else:
            found.append(part)
    return found if len(found) > 1 and all(len(part.split()) > 1 for part in found) else []
