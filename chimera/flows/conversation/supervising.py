"""The first node: read the message, and decide who answers. Only the person's own words count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from langgraph.runtime import Runtime

from chimera.agents.chat.shape import Reply
from chimera.agents.understanding.actions import Wish
from chimera.agents.understanding.amending import amended
from chimera.agents.understanding.beside import NOT_DONE
from chimera.agents.understanding.followups import of_the_same_rows, resumed
from chimera.agents.understanding.names import suggestion
from chimera.agents.understanding.reading import SURE, Reading, questions, read
from chimera.agents.understanding.signals import kind_in
from chimera.domain import SignalKind
from chimera.flows.conversation.state import INTERRUPTED, Talk, Turn, unpacked

NAMING = 8  # words of a message that is about a name
QUESTIONS = 3  # of one message that are answered
LONGEST = 4000  # characters of a message
OURS = ("help", "forget", "whoami", "greeting")  # about the conversation itself
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


async def supervise(state: Talk, runtime: Runtime[Turn]) -> Talk:
    """Route to a specialist, to the proposer, or answer at once."""
    turn = runtime.context
    text = state["message"]
    if len(text) > LONGEST:
        return at_once(
            Reply(
                kind="unclear",
                text=f"That is longer than {LONGEST} characters; please say it shorter.",
            )
        )
    if not text.strip():
        return at_once(Reply(kind="unclear", text=turn.supervisor.help()))
    turn.known = await turn.names.known(turn.now)
    turn.reading = read(text, turn.known, turn.supervisor.intents, turn.now)
    reading, pending = turn.reading, state.get("pending") or {}
    if pending and (reading.yes or reading.no or reading.choice):
        return settle(state, turn, pending)
    if pending.get("wish") and said_again(turn, unpacked(pending["wish"])):
        turn.reading = replace(reading, yes=True)
        return settle(state, turn, pending)
    cleared: Talk = {"pending": {}} if pending else {}
    placed = state.get("placed") or {}
    if placed and not reading.yes:
        cleared["placed"] = {}
    if reading.yes or reading.no:
        done = "Nothing waits for your word." if reading.yes else "Fine, nothing was done."
        if reading.yes and turn.again:
            done = f"{INTERRUPTED}."
        elif placed:
            done = await already(turn, placed, reading.yes)
        return {**cleared, **at_once(Reply(text=done))}
    if (wish := state.get("wish") or {}) and not reading.yes:
        cleared["wish"] = {}
        if (more := taken_further(turn, wish)) is not None:
            return {**cleared, **more}
    if turn.thinker is not None and for_a_model(reading):
        return {**cleared, "route": "think"}
    return {**cleared, **by_rules(state, turn)}


def said_again(turn: Turn, shown: Wish) -> bool:
    """Whether a message says the wish again that was shown: "approve it", and no more than that."""
    reading = turn.reading
    assert reading is not None
    if len(reading.wishes) != 1 or reading.asks or not reading.wishes[0].sure:
        return False
    wish = reading.wishes[0]
    return (
        (wish.kind, wish.runbook or shown.runbook) == (shown.kind, shown.runbook)
        and wish.target in ("", shown.target)
        and wish.subject in ("", shown.subject)
        and wish.lasts in (None, shown.lasts)
        and (wish.pronoun or bool(wish.subject))
        and wish.parameters.items() <= shown.parameters.items()
    )


async def already(turn: Turn, placed: Mapping[str, str], yes: bool) -> str:
    """A bare word right after an order was placed: nothing is done twice or taken back by it."""
    order, what = placed["order"], f"{placed['runbook']} of {placed['target']}"
    if not yes:
        return f"Order {order}, {what}, is placed already; say `deny {order}` to stop it. Nothing more was done."
    look = await turn.tools["show_order"]({"order": order}) if "show_order" in turn.tools else None
    record = look.data if look is not None and not look.trouble else None
    state = f"it is {record.outcome.status if record.outcome else record.state}" if record else ""
    if not state or (record and record.state == "waiting"):
        state = f"where policy asks for a person, it waits until one who may says `approve {order}`"
    return f"Order {order}, {what}, is placed already: {state}. Nothing more was done."


def taken_further(turn: Turn, before: Mapping[str, Any]) -> Talk | None:
    """The rest of the wish of the message before, or another value for it, by the same person.

    What was asked for is filled in; what was shown is shown again; what was placed is asked about,
    since it stays placed.
    """
    reading = turn.reading
    assert reading is not None
    if before.get("person") != turn.who.id:
        return None
    wish = amended(
        reading.text,
        unpacked(before["wish"]),
        turn.known,
        turn.supervisor.intents.vocabulary,
        turn.now,
    )
    if wish is None:
        return None
    asked = before["stage"] == "asked"
    turn.reading = replace(reading, wishes=(wish if asked else replace(wish, sure=False),), asks=())
    if before["stage"] != "placed":
        return {"route": "propose"}
    text = "The order before stays as it is: this would be one more beside it."
    note = Reply(kind="question", text=text).model_dump(mode="json")
    return {"route": "propose", "reply": note}


def for_a_model(reading: Reading) -> bool:
    """Whether a message is a model's to answer; what sounds like a change is the grammar's."""
    ours = reading.intent in OURS and reading.intents[0][1] >= SURE
    return not reading.wishes and not reading.doubts and not ours


def by_rules(state: Talk, turn: Turn) -> Talk:
    """What the rules make of a message that is no answer to a question."""
    reading = turn.reading
    assert reading is not None
    if not reading.english and not any(wish.sure for wish in reading.wishes):
        text = "I understand English only, so I did nothing. Say `help` to see what I can do."
        return at_once(Reply(kind="unclear", text=text))
    if len(reading.wishes) > 1:
        several = "; ".join(f"`{wish.said}`" for wish in reading.wishes)
        return at_once(
            Reply(
                kind="question",
                text=f"One change at a time: {several}. Which one first? Nothing was done.",
            )
        )
    if reading.doubts and not reading.wishes:
        return doubtful(turn, reading)
    if reading.wishes and not reading.asks:
        return {"route": "propose"}
    return asked(state, turn, reading)


def at_once(reply: Reply) -> Talk:
    return {"route": "remember", "reply": reply.model_dump(mode="json")}


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


def settle(state: Talk, turn: Turn, pending: dict[str, object]) -> Talk:
    """A yes, a no or a number: it counts only from the person who was asked."""
    reading = turn.reading
    assert reading is not None
    if pending.get("person") != turn.who.id:
        who = pending.get("person")
        return at_once(
            Reply(kind="refused", text=f"That question was for {who}; only {who} can answer it.")
        )
    if reading.no:
        return {"pending": {}, **at_once(Reply(text="Fine, nothing was done."))}
    options = pending.get("options") or []
    assert isinstance(options, list)
    if reading.choice and options:
        if reading.choice > len(options):
            return at_once(
                Reply(
                    kind="question", text=f"There are only {len(options)}.", options=tuple(options)
                )
            )
        chosen = str(options[reading.choice - 1])
        turn.reading = read(chosen, turn.known, turn.supervisor.intents, turn.now)
        if turn.reading.wishes:
            return {"pending": {}, "route": "propose"}
        return {"pending": {}, **asked(state, turn, turn.reading)}
    if reading.yes and pending.get("wish"):
        return {"route": "confirm"}
    return at_once(
        Reply(kind="question", text="Which one? Answer with its number.", options=tuple(options))
    )


def first_wish(turn: Turn) -> Wish:
    assert turn.reading is not None
    return turn.reading.wishes[0]
