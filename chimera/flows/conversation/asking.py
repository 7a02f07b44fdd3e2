"""A question, by the rules: which specialist answers it, as its own or as the one before it went on."""

from __future__ import annotations

from dataclasses import replace

from chimera.agents.chat.shape import Reply
from chimera.agents.understanding.beside import NOT_DONE
from chimera.agents.understanding.followups import of_the_same_rows, resumed
from chimera.agents.understanding.names import suggestion
from chimera.agents.understanding.reading import Reading, questions, read
from chimera.agents.understanding.signals import kind_in
from chimera.domain import SignalKind
from chimera.flows.conversation.state import Talk, Turn, at_once

NAMING = 8  # words of a message that is about a name
QUESTIONS = 3  # of one message that are answered
SAYS = {  # how an intent is offered when it is not sure
    "status": "is anything wrong?", "health": "how is NAME?", "cause": "why is NAME in trouble?",
    "since_when": "since when is NAME in trouble?", "impact": "who feels NAME?",
    "slo": "how are the error budgets?", "capacity": "what is running out?",
    "metric": "show the latency of NAME", "metrics": "which metrics are there?",
    "changes": "what changed in NAME?", "logs": "show the logs of NAME",
    "history": "which incidents were there before?", "incident": "tell me about the incident",
    "postmortem": "show the post-mortem", "owner": "who owns NAME?",
    "dependencies": "what does NAME depend on?", "lineage": "where does NAME come from?",
    "freshness": "how fresh is NAME?", "quality": "how good is the data of NAME?",
    "schema": "which columns has NAME?", "datasets": "which datasets are there?",
    "sql": "how many rows are in NAME?", "runbooks": "which runbooks are allowed on NAME?",
    "orders": "which orders are there?", "order": "show the order", "help": "help",
    "unheard": "why was nobody told about NAME?", "brakes": "what is paused or silenced?", "whoami": "who am I?",
}  # fmt: skip


def asked(state: Talk, turn: Turn, reading: Reading) -> Talk:
    """A question: by its intent, or, as in "and orders?", by the one before."""
    several = parts(turn, reading)
    if several:
        (intent, turn.reading), *rest = several
        turn.further = tuple(rest)
    else:
        intent = goes_on(state, turn, reading)
    if not intent and reading.wishes:
        return {"route": "propose"}
    if not intent:
        return at_once(unsure(reading, turn))
    if intent == "help":
        return at_once(Reply(text=turn.supervisor.help()))
    if intent == "forget":
        reply = Reply(text="This conversation is forgotten.")
        return {**at_once(reply), "forget": True}
    owner = turn.supervisor.owner(intent)
    if owner is None:
        return at_once(unsure(reading, turn))
    turn.intent = intent
    last = turn.further[-1][1] if turn.further else turn.reading
    focus = {**(state.get("focus") or {}), "question": last.text if last else reading.text}
    return {"route": owner.name, "intent": intent, "focus": focus}


def goes_on(state: Talk, turn: Turn, reading: Reading) -> str:
    """The intent of a question; a follow-up is read as the question that it stands for."""
    last, focus = state.get("intent", ""), state.get("focus") or {}
    if of_the_same_rows(reading, last, focus.get("node", ""), turn.known):
        turn.reading = replace(reading, ellipsis=True)
        return last
    if not reading.ellipsis or not last:
        return reading.intent
    before = read(focus.get("question", ""), turn.known, turn.supervisor.intents, turn.now)
    if text := resumed(before, reading):
        turn.reading = read(text, turn.known, turn.supervisor.intents, turn.now)
        return last if before.intent == turn.reading.intent else turn.reading.intent or last
    short = len(reading.named.text.split()) <= 5
    if short and (reading.named.nodes or not reading.span.empty):
        if last == "metric" and reading.kind is None:
            turn.reading = replace(reading, kind=kind_before(state))
        return last
    return reading.intent


def parts(turn: Turn, reading: Reading) -> list[tuple[str, Reading]]:
    """The questions of one message, where it asks more than one and each is understood."""
    if reading.sql or reading.promql or reading.wishes or reading.doubts:
        return []
    found: list[tuple[str, Reading]] = []
    for question in questions(reading.text)[:QUESTIONS]:
        part = read(question, turn.known, turn.supervisor.intents, turn.now)
        owner = turn.supervisor.owner(part.intent) if part.intent else None
        if part.wishes or part.doubts:
            return []
        if owner is None or not owner.tools:
            continue
        if all(not repeats(part, other) for _, other in found):
            found.append((part.intent, part))
    return found if len(found) > 1 else []


def repeats(one: Reading, other: Reading) -> bool:
    """Whether two questions of a message get the same answer."""
    if one.intent != other.intent or one.intent == "sql":
        return False
    return (one.named.nodes or other.named.nodes) == other.named.nodes and one.kind == other.kind


def kind_before(state: Talk) -> SignalKind | None:
    """Which signal was asked for before."""
    for line in reversed(state.get("history") or []):
        if line["who"] != "chimera" and (kind := kind_in(line["text"])):
            return kind
    return None


def doubtful(turn: Turn, reading: Reading) -> Talk:
    """It sounds like a change and is none that can be taken: said, and nothing done."""
    doubt = reading.doubts[0]
    undone = doubt.why == NOT_DONE
    text = doubt.why if undone else f"{doubt.why} Nothing was done."
    if reading.asks and reading.intent and turn.supervisor.owner(reading.intent):
        turn.intent = reading.intent
        owner = turn.supervisor.owner(reading.intent)
        assert owner is not None
        note = Reply(kind="question", text=text).model_dump(mode="json")
        return {"route": owner.name, "intent": reading.intent, "reply": note}
    if undone and reading.asks:  # the question beside it was not understood
        open_ = unsure(reading, turn)
        return at_once(open_.model_copy(update={"text": f"{text} {open_.text}"}))
    return at_once(
        Reply(kind="question", text=text if undone else f"{text} Say for example `restart NAME`.")
    )


def unsure(reading: Reading, turn: Turn) -> Reply:
    """Ask back with what it may have meant; a stranger's name is refused with near ones."""
    if reading.named.unknown and not reading.named.nodes:
        name = reading.named.unknown[0]
        short = len(reading.named.text.split()) <= NAMING
        return Reply(
            kind="refused" if short else "unclear",  # a long message is about more than the name
            text=f"I know nothing called {name!r}. {suggestion(name, turn.known)}",
        )
    name = reading.named.nodes[0] if reading.named.nodes else ""
    options = []
    for intent, share in reading.intents[:3]:
        if intent in SAYS and share > 0.05 and (name or "NAME" not in SAYS[intent]):
            options.append(SAYS[intent].replace("NAME", name))
    if not options:
        return Reply(
            kind="unclear", text="I did not understand that. Say `help` to see what I can do."
        )
    return Reply(
        kind="question",
        text="I am not sure what you mean. Do you mean one of these?",
        options=tuple(options),
    )
