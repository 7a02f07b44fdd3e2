"""Wishes about what is held: changes that are paused, signals that are silenced. What is so already is
said, and not asked for again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import ago, clock, failed, joined
from chimera.agents.understanding.actions import Wish
from chimera.domain import Incident
from chimera.platform.store.records import Pause

HOUR = timedelta(hours=1)
EVERYWHERE = "*"


async def braking(ask: Ask, looks: Looks, wish: Wish) -> Reply | Wish:
    """A pause, or its end: of every environment, or of the one that is named, if it is there."""
    look = await looks.see("list_brakes", at=ask.now)
    if away := failed(look):
        return away
    held: dict[str, Pause] = {pause.environment: pause for pause in look.data.pauses}
    own = ask.known.estate.environment
    if wish.target and wish.target not in (own, *held):
        text = f"There is no environment {wish.target!r} here; it is {own!r}. Nothing was done."
        return Reply(kind="refused", text=text)
    return pausing(ask, wish, held) if wish.kind == "pause" else resuming(ask, wish, held)


def pausing(ask: Ask, wish: Wish, held: dict[str, Pause]) -> Reply | Wish:
    there = held.get(wish.target) or held.get(EVERYWHERE)
    if there is None:
        return wish
    told = said(there, ask).replace(" is paused since ", " is paused already, since ", 1)
    text = f"{told} Nothing more was done; `resume` ends it."
    return Reply(kind="refused", text=text[0].upper() + text[1:])


def resuming(ask: Ask, wish: Wish, held: dict[str, Pause]) -> Reply | Wish:
    """What is paused, where it is; where nothing is, that is said. A bare word is of the one pause."""
    if wish.target in held or EVERYWHERE in held:
        return wish
    there = [environment for environment in held if not wish.target]
    if len(there) == 1:
        return replace(wish, target=there[0])
    if there:
        options = tuple(f"resume {environment}" for environment in there)
        return Reply(
            kind="question", text="Which of these pauses do you want ended?", options=options
        )
    where = f"{wish.target} is not paused" if wish.target else "Nothing is paused"
    others = " ".join(said(pause, ask) for pause in held.values())
    text = f"{where[0].upper()}{where[1:]}, so there is nothing to resume. {others}"
    return Reply(kind="refused", text=text.strip())


def said(pause: Pause, ask: Ask) -> str:
    """A pause in a sentence."""
    where = "everything" if pause.environment == EVERYWHERE else pause.environment
    why = f": {pause.reason}" if pause.reason else ""
    return (
        f"{where} is paused since {clock(pause.at)} ({ago(pause.at, ask.now)}) by {pause.by}{why}."
    )


async def silencing(ask: Ask, looks: Looks, wish: Wish, target: str) -> Reply | Wish:
    """Silences last an hour if nothing is said; in an incident they are of its leading signal."""
    signal = wish.parameters.get("signal", "")
    incident = wish.subject or (ask.focus.get("incident", "") if not wish.target else "")
    if incident:
        look = await looks.see("show_incident", incident=incident)
        if away := failed(look):
            return away
        one: Incident = look.data.incident
        target, signal = one.service, signal or one.leading
    if not target:
        return Reply(
            kind="question", text="Silence what? Name a service or an incident. Nothing was done."
        )
    if signal:
        watched = await looks.see("watched_signals")
        names = [s.name for s in watched.data or () if signal in (s.name, s.kind.value)]
        if not names and not incident:
            known = ", ".join(s.name for s in watched.data or ())
            return Reply(
                kind="refused",
                text=f"No signal {signal!r} is watched, so nothing was done; these are: {known}.",
            )
        signal = ",".join(names) or signal
    lasts = wish.lasts or HOUR
    parameters = {
        "service": target,
        "signal": signal,
        "since": ask.now.isoformat(),
        "until": (ask.now + lasts).isoformat(),
    }
    return replace(wish, runbook="silence", target=target, lasts=lasts, parameters=parameters)


async def silence_of(ask: Ask, looks: Looks, wish: Wish) -> Reply | Wish:
    """The silence that shall be lifted, if it holds."""
    brakes = await looks.see("list_brakes", at=ask.now)
    if away := failed(brakes):
        return away
    silences = brakes.data.silences
    if wish.subject.startswith("SIL-"):
        if wish.subject in {s.id for s in silences}:
            return replace(wish, runbook="lift_silence", target=wish.subject)
        there = joined((s.id for s in silences), "none")
        text = f"{wish.subject} does not hold, so there is nothing to lift. These do: {there}."
        return Reply(kind="refused", text=text)
    target, focus = wish.target, ask.focus.get("silence", "")
    held = [s for s in silences if not target or target in s.matcher.services]
    if wish.pronoun and focus in {s.id for s in held}:
        held = [s for s in held if s.id == focus]
    if not held:
        of = f" of {wish.target}" if wish.target else ""
        text = f"There is no silence{of} that could be lifted."
        if silences:
            told = (f"{s.id} of {joined(s.matcher.services, 'everything')}" for s in silences[:3])
            text += f" These hold: {joined(told)}."
        return Reply(kind="refused", text=text)
    if len(held) > 1:
        text = "Several silences hold. Which one do you want lifted?"
        return Reply(kind="question", text=text, options=tuple(f"lift {s.id}" for s in held[:5]))
    return replace(wish, runbook="lift_silence", target=held[0].id, subject=held[0].id)
