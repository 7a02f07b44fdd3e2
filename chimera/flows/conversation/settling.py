"""A word on what was shown before: yes, no, a number, the same wish again, or the rest of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chimera.agents.chat.shape import Reply
from chimera.agents.understanding.actions import Wish
from chimera.agents.understanding.amending import amended
from chimera.agents.understanding.reading import read
from chimera.flows.conversation.asking import asked
from chimera.flows.conversation.state import Talk, Turn, at_once, unpacked


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
