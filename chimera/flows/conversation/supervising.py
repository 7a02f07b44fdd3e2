"""The first node: read the message, and decide who answers. Only the person's own words count."""

from __future__ import annotations

from dataclasses import replace

from langgraph.runtime import Runtime

from chimera.agents.chat.shape import Reply
from chimera.agents.understanding.reading import SURE, Reading, read
from chimera.flows.conversation.asking import asked, doubtful
from chimera.flows.conversation.settling import already, said_again, settle, taken_further
from chimera.flows.conversation.state import INTERRUPTED, Talk, Turn, at_once, unpacked

LONGEST = 4000  # characters of a message
OURS = ("help", "forget", "whoami", "greeting")  # about the conversation itself


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
