"""Which incident is meant: by its id, its node, its rank among the open ones; or none is open."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chimera.agents.chat.health import health, status
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import ago, failed, incidents_table, unknown
from chimera.agents.chat.verdicts import gravest
from chimera.domain import Incident
from chimera.tools.base import Look
from chimera.tools.show_incident import Whole


async def incident_of(ask: Ask, looks: Looks) -> Whole | Reply:
    """The incident that is meant; a reply where there is none, or more than one."""
    if strange := unknown(ask):
        return strange
    wanted = ask.incident
    if not wanted:
        found = await looks.see("list_incidents", state="open", service=ask.node)
        for other in ask.reading.named.nodes[1:]:  # "did slots break customs?"
            if found.data:
                break
            found = await looks.see("list_incidents", state="open", service=other)
        if away := failed(found):
            return away
        if not found.data:
            return await no_incident(ask, looks)
        if len(found.data) > 1 and (one := ranked(ask, found.data)):
            found = Look(found.evidence, (one,))
        if len(found.data) > 1 and not ask.named:
            names = tuple(one.id for one in found.data)
            text = "Several incidents are open. Which one do you mean?"
            table = incidents_table(found.data, ask.now)
            return Reply(kind="question", text=text, tables=(table,), options=names)
        wanted = found.data[0].id
    look = await looks.see("show_incident", incident=wanted)
    if away := failed(look):
        if away.kind == "refused":
            every = await looks.see("list_incidents", state="all")
            there = ", ".join(i.id for i in (every.data or ())[:8]) or "none"
            text = f"There is no incident {wanted}; on record: {there}."
            return Reply(kind="refused", text=text)
        return away
    whole: Whole = look.data
    return whole


WORST = re.compile(
    r"\b(?:worst|worse|gravest|(?:most|more) (?:severe|serious|urgent|important)|(?:highest|first) priority)\b",
    re.I,
)
OLDEST = re.compile(r"\b(?:oldest|older|longest|first one|earliest)\b", re.I)
NEWEST = re.compile(r"\b(?:newest|newer|latest|last one|most recent)\b", re.I)


def ranked(ask: Ask, incidents: Sequence[Incident]) -> Incident | None:
    """The one of several that is meant by its rank: the worst, the oldest, the newest."""
    text = ask.reading.text
    if WORST.search(text):
        return gravest(incidents)[0]
    if OLDEST.search(text):
        return min(incidents, key=lambda one: one.began)
    return max(incidents, key=lambda one: one.began) if NEWEST.search(text) else None


async def no_incident(ask: Ask, looks: Looks) -> Reply:
    """The premise is wrong: nothing is open. What the signals say, and the last incident there was."""
    node = ask.node
    seen = await health(ask, looks) if node else await status(ask, looks)
    if not node:
        return seen
    past = await looks.see("list_incidents", state="resolved", service=node)
    last = ""
    if past.data:
        one = past.data[0]
        last = f" Its last incident, {one.id} ({one.title}), was resolved {ago(one.resolved or one.opened, ask.now)}."
        best = one.diagnosis.best if one.diagnosis else None
        last += f" Its cause: {best.cause} ({best.confidence:.0%})." if best and best.cause else ""
    return seen.model_copy(update={"text": seen.text + last})
