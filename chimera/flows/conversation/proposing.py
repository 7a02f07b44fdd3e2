"""The node that proposes: the plan is made and shown, the order is placed as the person who asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from langgraph.runtime import Runtime

from chimera.agents.chat.proposing import target_of
from chimera.agents.chat.shape import Reply
from chimera.agents.chat.telling import joined
from chimera.agents.understanding.actions import Wish
from chimera.domain import ChimeraError, NotAllowed, Plan, Refused, Unavailable
from chimera.flows.conversation.door import Door
from chimera.flows.conversation.state import INTERRUPTED, Talk, Turn, packed, unpacked
from chimera.tools.accounted import called as recorded

NEEDS = {  # who may ask at all; the desk checks it again
    "run": ("operator",), "silence": ("operator",), "lift": ("operator",),
    "pause": ("operator", "approver"), "resume": ("operator", "approver"),
    "approve": ("approver",), "deny": ("approver",),
    "acknowledge": ("operator", "approver"), "resolve": ("operator", "approver"),
    "hand_over": ("operator", "approver"), "veto": ("operator", "approver"),
}  # fmt: skip
ORDERED = ("run", "silence", "lift")  # what becomes an order
# What lets something happen, or stops it, for others is asked again, with what it does.
CONFIRMED = ("resume", "approve", "hand_over")


async def propose(state: Talk, runtime: Runtime[Turn]) -> Talk:
    """Complete the wish, show its plan, place it; or ask, or refuse."""
    turn = runtime.context
    assert turn.reading is not None
    wish = turn.reading.wishes[0]
    refused = forbidden(turn, wish)
    if refused:
        return {"reply": merged(state, refused)}
    agent = turn.supervisor.proposer
    if agent is None or agent.proposes is None or turn.door is None:
        no = Reply(
            kind="refused",
            text="Nothing can be changed from here: there is no way to Chimera's desk.",
        )
        return {"reply": merged(state, no)}
    looks = turn.looks(agent.tools)
    focus = {**(state.get("focus") or {}), **focus_of(state)}
    whole = await agent.proposes(turn.ask({**state, "focus": focus}), looks, wish)
    called = [*(state.get("called") or []), *calls(looks.called)]
    if isinstance(whole, Reply):
        pending = {"person": turn.who.id, "options": list(whole.options)} if whole.options else {}
        asked = replace(wish, target=target_of(turn.ask({**state, "focus": focus}), wish))
        kept = unfinished(turn, asked, "asked") if whole.kind == "question" else {}
        return {"reply": merged(state, whole), "called": called, "pending": pending, "wish": kept}
    try:
        reply, pending = await decided(turn, turn.door, whole)
    except ChimeraError as error:
        reply, pending = refusal(error), {}
    return {
        "reply": merged(state, reply),
        "pending": pending,
        "placed": placed_by(reply, whole),
        "wish": unfinished(turn, whole, "placed" if reply.kind == "proposed" else "shown"),
        "called": called,
        "focus": {**(state.get("focus") or {}), **reply.focus},
    }


async def confirm(state: Talk, runtime: Runtime[Turn]) -> Talk:
    """The person who was asked said yes: do exactly what was shown."""
    turn = runtime.context
    pending = state.get("pending") or {}
    wish = replace(unpacked(pending["wish"]), sure=True)
    try:
        if refused := forbidden(turn, wish):
            return {"reply": refused.model_dump(mode="json"), "pending": {}}
        if turn.door is None:
            raise NotAllowed("nothing can be changed from here")
        reply = await carried_out(turn, turn.door, wish, str(pending.get("hash", "")))
    except ChimeraError as error:
        reply = refusal(error)
    return {
        "reply": reply.model_dump(mode="json"),
        "pending": {},
        "placed": placed_by(reply, wish),
        "wish": unfinished(turn, wish, "placed") if reply.kind == "proposed" else {},
        "focus": {**(state.get("focus") or {}), **reply.focus},
    }


def placed_by(reply: Reply, wish: Wish) -> dict[str, str]:
    """What a bare "yes" that follows is told."""
    order = {"order": reply.order, "runbook": wish.runbook, "target": wish.target}
    return order if reply.kind == "proposed" else {}


def unfinished(turn: Turn, wish: Wish, stage: str) -> dict[str, Any]:
    """A wish whose rest, or another value for it, may come with the next message."""
    if wish.kind not in ("run", "silence") or wish.target.startswith("?"):
        return {}
    return {"person": turn.who.id, "wish": packed(wish), "stage": stage}


def forbidden(turn: Turn, wish: Wish) -> Reply | None:
    """Said at once to whom the right is missing; the desk and policy check it all the same."""
    if turn.who.has(*NEEDS[wish.kind]):
        return None
    roles = " or ".join(NEEDS[wish.kind])
    name = turn.who.name or turn.who.id
    return Reply(
        kind="refused",
        text=f"{name} may not do that: it takes the role {roles}. Nothing was done; ask somebody who has it.",
    )


async def decided(turn: Turn, door: Door, wish: Wish) -> tuple[Reply, dict[str, Any]]:
    """Carry it out, or ask first where it is not sure or lets something happen."""
    if wish.kind in CONFIRMED or not wish.sure or (turn.confirms and wish.kind in ORDERED):
        shown, plan_hash = await shown_first(turn, door, wish)
        pending = {"person": turn.who.id, "wish": packed(wish), "hash": plan_hash}
        return shown, pending
    return await carried_out(turn, door, wish, ""), {}


async def shown_first(turn: Turn, door: Door, wish: Wish) -> tuple[Reply, str]:
    """What would happen, as a question."""
    if wish.kind == "approve":
        look = await turn.tools["show_order"]({"order": wish.subject})
        if look.trouble:
            return Reply(kind="refused", text=look.trouble.message), ""
        record = look.data
        if record.order.requested_by == turn.who.id:
            raise NotAllowed(
                f"{turn.who.id} asked for {wish.subject} and may not approve it; somebody else must"
            )
        if record.plan is None:
            return Reply(
                kind="refused", text=f"{wish.subject} has no plan that could be approved yet."
            ), ""
        text = f"{wish.subject}: {planned(record.plan)} Approve exactly this? Answer yes or no."
        return Reply(kind="question", text=text, focus={"order": wish.subject}), record.plan.hash
    if wish.kind == "resume":
        text = f"Changes may then start again {where(wish)}. Resume? Answer yes or no."
        return Reply(kind="question", text=text), ""
    if wish.kind == "hand_over":
        to = await door.hand_over(wish.subject, given_to(wish), "", turn.who, dry_run=True)
        taker = "you" if to == turn.who.id else to
        text = (
            f"{wish.subject} goes to {taker}: Chimera tells every channel, watches on, and starts "
            "no further repair of it unless it gets worse. Hand it over? Answer yes or no."
        )
        return Reply(kind="question", text=text, focus={"incident": wish.subject}), ""
    if wish.kind in ORDERED:
        plan = await door.plan(wish.runbook, parameters(wish), wish.target, reason(wish), turn.who)
        taken = f"I read {wish.guessed!r} as {wish.target}. " if wish.guessed else ""
        text = f"{taken}Do you want this? {planned(plan)} Nothing was done yet. Answer yes or no."
        return Reply(kind="question", text=text, focus={"node": wish.target}), ""
    return Reply(
        kind="question", text=f"Do you want this: {wish.kind} {wish.subject}? Answer yes or no."
    ), ""


async def carried_out(turn: Turn, door: Door, wish: Wish, plan_hash: str) -> Reply:
    who = turn.who
    if turn.again:
        raise Refused(INTERRUPTED)
    match wish.kind:
        case "pause":
            await door.pause(wish.target or "*", wish.reason or "asked in chat", who)
            until = " It does not end by itself." if wish.lasts else ""
            text = f"Changes are paused {where(wish)}.{until} `resume` lets them start again."
            return Reply(text=text)
        case "resume":
            await door.resume(wish.target or "*", who)
            return Reply(text=f"Changes may start again {where(wish)}.")
        case "hand_over":
            to = await door.hand_over(wish.subject, given_to(wish), wish.reason, who)
            text = f"{wish.subject} is handed over to {to} by {who.id}."
            return Reply(text=text, focus={"incident": wish.subject})
        case "veto":
            kept = await door.veto(wish.subject, wish.target, wish.reason, who)
            text = (
                f"Noted: {wish.subject} was not {kept}, says {who.id}. It counts from the next "
                f"incident on. `chimera incidents veto {wish.subject} --undo` takes it back."
            )
            return Reply(text=text, focus={"incident": wish.subject})
        case "acknowledge":
            await door.acknowledge(wish.subject, who)
            return Reply(
                text=f"{wish.subject} is acknowledged by {who.id}.",
                focus={"incident": wish.subject},
            )
        case "resolve":
            await door.resolve(wish.subject, wish.reason, who)
            return Reply(
                text=f"{wish.subject} is being resolved.", focus={"incident": wish.subject}
            )
        case "approve" | "deny":
            granted = wish.kind == "approve"
            await door.answer(wish.subject, plan_hash, granted, wish.reason, who)
            said = "approved" if granted else "denied"
            return Reply(
                text=f"{wish.subject} is {said} by {who.id}.", focus={"order": wish.subject}
            )
    plan = await door.plan(wish.runbook, parameters(wish), wish.target, reason(wish), who)
    order = await door.propose(wish.runbook, parameters(wish), wish.target, reason(wish), who)
    text = (
        f"Order {order}: {planned(plan)} Policy decides now; where it asks for a person, that is "
        f"somebody else than {who.id}."
    )
    focus = {"order": order}
    if wish.kind == "run":
        focus["node"] = wish.target
    return Reply(kind="proposed", text=text, order=order, focus=focus)


def where(wish: Wish) -> str:
    return f"in {wish.target}" if wish.target else "everywhere"


def given_to(wish: Wish) -> str:
    """To whom, as it was said; "the checkout team" is whoever owns checkout."""
    return wish.parameters.get("to", "")


def parameters(wish: Wish) -> dict[str, str]:
    return {"silence": wish.target} if wish.kind == "lift" else dict(wish.parameters)


def reason(wish: Wish) -> str:
    return (wish.reason or f"asked in chat: {wish.said}")[:1000]


def planned(plan: Plan) -> str:
    """What, where, who feels it, the way back."""
    return (
        f"{plan.does}, in {plan.environment}. Risk {plan.risk.value}. "
        f"Felt by: {joined(plan.blast_radius)}. Way back: {plan.undo}."
    )


def refusal(error: ChimeraError) -> Reply:
    if isinstance(error, Unavailable):
        return Reply(kind="answer", text=f"It was not done: {error}.", partial=True)
    return Reply(kind="refused", text=f"{error}.".replace("..", "."))


def merged(state: Talk, reply: Reply) -> dict[str, Any]:
    """After an answer to the question in the same message."""
    before = state.get("reply") or {}
    if not before.get("text"):
        return reply.model_dump(mode="json")
    first = Reply.model_validate(before)
    return first.model_copy(
        update={
            "kind": reply.kind,
            "text": f"{first.text}\n\n{reply.text}",
            "order": reply.order,
            "options": reply.options,
            "focus": {**first.focus, **reply.focus},
        }
    ).model_dump(mode="json")


def focus_of(state: Talk) -> dict[str, str]:
    """What the answer before was about, in this very message."""
    found: dict[str, str] = (state.get("reply") or {}).get("focus") or {}
    return {k: v for k, v in found.items() if v}


def calls(called: list[Any]) -> list[dict[str, Any]]:
    """Calls as plain values, for the record."""
    return [recorded(*call).model_dump(mode="json") for call in called]
