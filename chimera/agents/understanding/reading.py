"""A message as the rules read it: intents, names, times, queries and wishes, from its text alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from chimera.agents.understanding.actions import HELD, Doubt, Wish, clauses, weighed, wish_in
from chimera.agents.understanding.answers import answer_in
from chimera.agents.understanding.beside import (
    CHAT,
    CONDITIONAL,
    LATER,
    NOT_DONE,
    TAKEN_BACK,
    beside,
)
from chimera.agents.understanding.instead import (
    OPENING,
    about,
    pointed,
    questions_in,
    subject_of,
)
from chimera.agents.understanding.intents import Intents
from chimera.agents.understanding.names import (
    INCIDENT,
    ORDER,
    SILENCE,
    Known,
    Named,
    closest,
    mended,
    names_in,
)
from chimera.agents.understanding.signals import kind_in, promql_in, sql_in
from chimera.agents.understanding.times import Span, span_in
from chimera.agents.understanding.topics import topic_of
from chimera.domain import SignalKind

SURE = 0.42  # probability from which an intent is taken
LEAD = 1.6  # times the second one, from which less will do
LEAST = 0.22
ENGLISH = 0.5  # share of a message's words that must be English, names left aside
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
        kind=kind_in(without),
        english=bool(sql or promql) or english(text, known, intents.vocabulary),
        yes=answered == "yes",
        no=answered == "no",
        choice=int(choice[1]) if choice else 0,
        ellipsis=bool(ELLIPSIS.match(text)),
        guessed=named.guessed,
    )
    if promql or sql or reading.yes or reading.no or not named.text.strip():
        return reading
    topic = topic_of(rest, named, reading.kind, known, ranked, reading.likeliest)
    return replace(reading, topic=topic)


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
    return [wish], doubts, questions


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


SPOKEN = {  # how the things are written that a wish of a kind can be about
    "approve": ORDER, "deny": ORDER, "acknowledge": INCIDENT, "resolve": INCIDENT,
    "lift": SILENCE, "hand_over": INCIDENT, "veto": INCIDENT,
}  # fmt: skip
DO = re.compile(r"do (?:it|this|that|so|not)\b", re.I)
BETWEEN = re.compile(
    r"[?;\n]+\s*|[.!]+\s+|(?:,\s*|\s+)(?:(?:and|also|plus|or)\s+(?:then\s+)?(?:also\s+)?|n\s+)"
    r"(?=(?:since when|how|why|who|whose|what|when|where|which|is|are|was|were|did|does|do|has|have|"
    r"will|for how long|until when|can i|should i|show|tell|give)\b)"
    r"|,\s*(?=(?:what|who|whose|which|how|when|why|where)\b)",
    re.I,
)


def questions(text: str) -> list[str]:
    """The questions that a message is made of; one that says too little alone stays with another."""
    found = [part.strip(" ,") for part in BETWEEN.split(text) if part and part.strip(" ,.!")]
    return found if len(found) > 1 and all(len(part.split()) > 1 for part in found) else []


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
        elif word.isascii() and len(word) > 3 and closest(word, known.nodes, 0.8):
            told += 0.6  # a name, nearly
        elif mended(word, vocabulary) or (
            word.isascii() and len(word) > 3 and closest(word, vocabulary, 0.86)
        ):
            told += 0.6
        elif not word.isascii():
            told -= 0.5
    return told / len(words) >= ENGLISH or (len(words) == 1 and told > 0)
