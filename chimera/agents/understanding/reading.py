"""A message as the rules read it: intents, names, times, queries and wishes, from its text alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from chimera.agents.understanding.actions import Doubt, Wish, clauses, wish_in
from chimera.agents.understanding.intents import Intents
from chimera.agents.understanding.names import (
    INCIDENT,
    ORDER,
    SILENCE,
    Known,
    Named,
    closest,
    names_in,
)
from chimera.agents.understanding.signals import kind_in, promql_in, sql_in
from chimera.agents.understanding.times import Span, span_in
from chimera.domain import SignalKind

SURE = 0.42  # probability from which an intent is taken
LEAD = 1.6  # times the second one, from which less will do
LEAST = 0.22
ENGLISH = 0.5  # share of a message's words that must be English, names left aside
YES = re.compile(
    r"^(?:yes|y|yep|yeah|sure|ok|okay|do it|go ahead|confirm|confirmed|please do|go on|correct|"
    r"right|yes please|do that)[\s.!]*$",
    re.I,
)
NO = re.compile(
    r"^(?:no|n|nope|cancel|stop|don't|do not|never mind|nevermind|leave it|abort|forget it|no thanks)[\s.!]*$",
    re.I,
)
CHOICE = re.compile(r"^(?:option\s+|number\s+|#)?([1-5])[.)!]*$", re.I)
OPENING = re.compile(
    r"^(?:(?:ok|okay|so|well|hey|hi|hello|and|please|thanks|thank you|now|also|first)[\s,]*)*"
    r"(?:$|show|tell|give|list|plot|what|why|who|whose|when|where|which|how|is|are|was|were|did|does|do|has|have|can|could|"
    r"should|would|any|check|graph|explain|describe|find|search|get|xtime|look|p\d\d)",
    re.I,
)
ELLIPSIS = re.compile(r"^(?:and|what about|how about|and what about|and for|same for|also)\b", re.I)


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

    @property
    def intent(self) -> str:
        """The intent if it is sure enough, or ""."""
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
    asked, wishes, doubts = [], [], []
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
    masked = text
    for query in (sql, promql):
        masked = masked.replace(query, " ") if query else masked
    rest = ". ".join(asked) if (wishes or doubts) else masked
    span, without = span_in(rest, now)
    named = names_in(without, known, intents.vocabulary)
    ranked = intents.read(named.text) if named.text.strip() else ()
    if promql:
        ranked = (("metric", 1.0),)
    elif sql:
        ranked = (("sql", 1.0),)
    choice = CHOICE.match(text)
    if any(not OPENING.match(clause) for clause in asked):  # pasted text speaks for nobody
        wishes = [replace(wish, sure=False) for wish in wishes]
    return Reading(
        text=text,
        named=named,
        span=span,
        intents=ranked[:3],
        wishes=tuple(wishes),
        doubts=tuple(doubts),
        asks=tuple(asked),
        promql=promql,
        sql=sql,
        kind=kind_in(without),
        english=bool(sql or promql) or english(text, known, intents.vocabulary),
        yes=bool(YES.match(text)),
        no=bool(NO.match(text)),
        choice=int(choice[1]) if choice else 0,
        ellipsis=bool(ELLIPSIS.match(text)),
        guessed=named.guessed,
    )


def english(text: str, known: Known, vocabulary: frozenset[str]) -> bool:
    """Whether enough of the words are English ones, names left aside."""
    bare = text
    for number in (ORDER, INCIDENT, SILENCE):
        bare = number.sub(" ", bare)
    words = re.findall(r"[^\W\d_]+(?:'[a-z]+)?", bare.lower())
    parts = {part for n in known.nodes for part in re.split(r"[\W_]+", n.lower())}
    words = [w for w in words if w not in parts and len(w) > 1 and w not in ("inc", "man", "sil")]
    if not words:
        return all(ord(c) < 0x250 for c in text)
    if any(ord(c) > 0x250 and c.isalpha() for c in text):
        return False
    columns = {c.lower() for fields in known.columns.values() for c in fields}
    told = 0.0
    for word in words:
        if (
            word in vocabulary
            or word in columns
            or word.rstrip("s") in vocabulary
            or re.sub(r"'s?$", "", word) in vocabulary
        ):
            told += 1
        elif word.isascii() and len(word) > 3 and closest(word, vocabulary, 0.86):
            told += 0.6
        elif not word.isascii():
            told -= 0.5
    return told / len(words) >= ENGLISH or (len(words) == 1 and told > 0)
