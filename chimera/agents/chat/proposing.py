"""From a wish to something that can be proposed: what is missing is looked up or asked, never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chimera.agents.chat.brakes import braking, silence_of, silencing
from chimera.agents.chat.incidents import doubted, incident_for
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import ago, failed
from chimera.agents.understanding.actions import Wish
from chimera.agents.understanding.names import suggestion
from chimera.domain import Change
from chimera.platform.store.records import OrderRecord

CHANGES = timedelta(hours=24)
OFFERED = {"restart_service": "restart", "roll_back_release": "roll back"}


async def complete(ask: Ask, looks: Looks, wish: Wish) -> Reply | Wish:
    """The wish with everything it needs, or a reply that asks for it or refuses."""
    if wish.target.startswith("?"):
        name = wish.target[1:]
        text = f"I know no service or step called {name!r}, so nothing was done. {suggestion(name, ask.known)}"
        return Reply(kind="refused", text=text)
    if wish.kind in ("pause", "resume"):
        return await braking(ask, looks, wish)
    if wish.kind in ("approve", "deny"):
        return await order_of(ask, looks, wish)
    if wish.kind in ("acknowledge", "resolve", "hand_over"):
        return await incident_for(ask, looks, wish)
    if wish.kind == "veto":
        return await doubted(ask, looks, wish)
    if wish.kind == "lift":
        return await silence_of(ask, looks, wish)
    if wish.kind == "silence":
        return await silencing(ask, looks, wish, target_of(ask, wish))
    return await running(ask, looks, wish)


def target_of(ask: Ask, wish: Wish) -> str:
    """What the wish is about: what it names, what this message names, or what "it" is."""
    return wish.target or ask.named or (ask.focus.get("node", "") if wish.pronoun else "")


async def running(ask: Ask, looks: Looks, wish: Wish) -> Reply | Wish:
    target = target_of(ask, wish)
    cards = await looks.see("list_runbooks")
    if away := failed(cards):
        return away
    by_name = {card.name: card for card in cards.data}
    if wish.runbook not in by_name:
        there = ", ".join(sorted(by_name))
        return Reply(
            kind="refused", text=f"There is no runbook {wish.runbook!r} here; there are {there}."
        )
    if not target:
        return await of_which(looks, wish)
    allowed = await looks.see("list_runbooks", target=target)
    if away := failed(allowed):
        return away
    if wish.runbook not in {card.name for card in allowed.data}:
        names = ", ".join(card.name for card in allowed.data) or "none"
        return Reply(
            kind="refused",
            text=f"{wish.runbook} is not allowed on {target}, so nothing was done. Allowed there: {names}.",
        )
    card = by_name[wish.runbook]
    wanted: list[str] = card.parameters.get("required", [])
    properties = card.parameters.get("properties", {})
    parameters = {k: v for k, v in wish.parameters.items() if k in properties}
    if wanted:
        parameters[wanted[0]] = target
    if "release" in wanted and "release" not in parameters:
        release = await suspected(ask, looks, wish, target)
        if isinstance(release, Reply):
            return release
        parameters |= {"release": release.after}
        if release.before:
            parameters["back_to"] = release.before
    if "key" in wanted and "value" not in parameters:
        changes = await looks.see(
            "list_changes", since=ask.now - CHANGES, until=ask.now, service=target
        )
        settings = [
            c
            for c in changes.data or ()
            if c.kind == "configuration" and parameters.get("key", c.what) == c.what
        ]
        if not settings:
            text = f"I see no changed setting of {target} in the last 24 h. Nothing was done."
            return Reply(kind="refused", text=text)
        if len({c.what for c in settings}) > 1:
            names = ", ".join(sorted({c.what for c in settings}))
            return Reply(
                kind="question", text=f"Which setting of {target}? Changed lately: {names}."
            )
        last = max(settings, key=lambda c: c.at)
        parameters |= {"key": last.what, "value": last.after}
        if last.before:
            parameters["back_to"] = last.before
    if missing := [name for name in wanted if name not in parameters]:
        return Reply(
            kind="question",
            text=f"{wish.runbook} of {target}: {missing[0]}? Say for example "
            f"`scale {target} to 3`. Nothing was done."
            if missing[0] == "replicas"
            else f"{wish.runbook} of {target} needs {', '.join(missing)}. Nothing was done.",
        )
    return replace(wish, target=target, parameters=parameters)


async def of_which(looks: Looks, wish: Wish) -> Reply:
    """Ask for the target; the one service with an open incident is offered, never taken."""
    what = wish.runbook.replace("_", " ").capitalize()
    open_ = await looks.see("list_incidents", state="open")
    troubled = {one.service for one in open_.data or ()}
    if len(troubled) == 1 and not wish.parameters:
        (name,) = troubled
        allowed = await looks.see("list_runbooks", target=name)
        if wish.runbook in {card.name for card in allowed.data or ()}:
            about = ", ".join(one.id for one in open_.data)
            text = (
                f"{what}: of which service or step? {about} is about {name}. Nothing was done yet."
            )
            verb = OFFERED.get(wish.runbook, f"run {wish.runbook} on")
            return Reply(kind="question", text=text, options=(f"{verb} {name}",))
    return Reply(kind="question", text=f"{what}: of which service or step? Nothing was done.")


async def suspected(ask: Ask, looks: Looks, wish: Wish, target: str) -> Change | Reply:
    """The release that a roll back would replace: the newest one. It goes to the one before it, so
    another that is named cannot be had by it, and none is taken in its place."""
    changes = await looks.see(
        "list_changes", since=ask.now - CHANGES, until=ask.now, service=target
    )
    releases = [c for c in changes.data or () if c.kind == "release"]
    to, gone = (wish.parameters.get(one, "") for one in ("to_release", "from_release"))
    if not releases:
        text = f"I see no release of {target} in the last 24 h that could be rolled back"
        text += (
            f", so it cannot go back to {to}. Nothing was done." if to else ". Nothing was done."
        )
        return Reply(kind="refused", text=text)
    last: Change = max(releases, key=lambda c: c.at)
    if gone and not same(gone, last.after):
        text = f"{target} runs {last.after} and not {gone}, so nothing was done."
        return Reply(kind="refused", text=text)
    if to and not same(to, last.before):
        there = "It runs that one now." if same(to, last.after) else ""
        text = (
            f"A roll back of {target} goes from {last.after} to the release before it, "
            f"{last.before or 'which I do not know'}; not to {to}. {there} Nothing was done."
        )
        return Reply(kind="refused", text=" ".join(text.split()))
    return last


def same(one: str, other: str) -> bool:
    """Whether two ways to write a release mean the same: 4.1.0 and v4.1.0."""
    return bool(other) and one.lower().removeprefix("v") == other.lower().removeprefix("v")


async def order_of(ask: Ask, looks: Looks, wish: Wish) -> Reply | Wish:
    deed = wish.parameters.get("runbook", "")
    spoken = wish.pronoun and not deed
    subject = wish.subject or (ask.focus.get("order", "") if spoken else "")
    if not subject or "/" not in subject:  # an incident is no order: which of its?
        waiting = await looks.see("list_orders", state="waiting", incident=subject)
        if away := failed(waiting):
            return away
        fitting = [r for r in waiting.data if not deed or r.order.runbook == deed]
        fitting = [r for r in fitting if wish.target in ("", r.order.target)]
        if not fitting:
            what = f" {deed}" if deed else ""
            on = f" on {wish.target}" if wish.target else ""
            every = await looks.see("list_orders", incident=subject, target=wish.target)
            over = [r for r in every.data or () if deed in ("", r.order.runbook)]
            last = f" The last one: {became(ask, over[0])}" if over and (what or on) else ""
            text = f"No order{what}{on} waits for an approval, so nothing was done.{last}"
            return Reply(kind="refused", text=text)
        if len(fitting) > 1 or not (deed or subject or wish.target):
            names = tuple(f"{wish.kind} {r.order.id}" for r in fitting[:5])
            return Reply(kind="question", text="Which order? Name it.", options=names)
        subject = fitting[0].order.id
    look = await looks.see("show_order", order=subject)
    if away := failed(look):
        return away
    if look.data.state != "waiting":
        text = f"{subject} does not wait for an answer any more: {became(ask, look.data)}"
        return Reply(kind="refused", text=f"{text} Nothing was done.")
    return replace(wish, subject=subject, target=look.data.order.target)


def became(ask: Ask, record: OrderRecord) -> str:
    """What came of an order, and by whose word."""
    order, outcome = record.order, record.outcome
    what = f"{order.id}, {order.runbook} on {order.target},"
    answer = record.approval
    by = (outcome.approved_by if outcome else "") or (answer.approver if answer else "")
    word = "denied" if answer and not answer.granted else "approved"
    whose = f", {word} by {by}" if by else ""
    if outcome is None:
        return f"{what} is {record.state}{whose}."
    return f"{what} was {outcome.status} {ago(outcome.at, ask.now)}{whose}."
