"""Which stretch of time a question is about; anchors ("since the deploy") are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chimera.agents.chat.shape import Ask, Looks
from chimera.agents.chat.telling import clock

USUAL = timedelta(minutes=30)
DEPLOYS = timedelta(hours=24)  # looked back for a deploy
MARGIN = timedelta(minutes=5)  # shown before the anchor, so that the change can be seen


@dataclass(frozen=True)
class Window:
    """From, to, and what has to be said about it."""

    since: datetime
    until: datetime
    note: str = ""
    missing: str = ""  # the anchor is not there: a wrong premise


async def window_of(ask: Ask, looks: Looks, node: str = "", usual: timedelta = USUAL) -> Window:
    """The stretch that is asked for; `missing` says that there was no such deploy or incident."""
    span = ask.reading.span
    if span.since is not None:
        return Window(span.since, min(span.until or ask.now, ask.now))
    if span.anchor == "deploy":
        begin = ask.now - DEPLOYS
        found = await looks.see("list_changes", since=begin, until=ask.now, service=node or None)
        if found.trouble:
            return Window(ask.now - usual, ask.now, missing=found.trouble.message)
        if not found.data:
            where = f" of {node}" if node else ""
            return Window(
                ask.now - usual,
                ask.now,
                missing=f"There was no deploy or other change{where} in the last 24 h that I can see.",
            )
        last = max(found.data, key=lambda change: change.at)
        note = (
            f"{last.service}: {last.kind} {last.before or '?'} -> {last.after} at {clock(last.at)}."
        )
        return Window(last.at - MARGIN, ask.now, note)
    if span.anchor == "incident":
        found = await looks.see("list_incidents", state="open", service=node)
        chosen = [i for i in found.data or () if not ask.incident or i.id == ask.incident]
        if not chosen:
            where = f" of {node}" if node else ""
            return Window(ask.now - usual, ask.now, missing=f"There is no open incident{where}.")
        note = f"{chosen[0].id} began at {clock(chosen[0].began)}."
        return Window(chosen[0].began - MARGIN, ask.now, note)
    return Window(ask.now - usual, ask.now)
