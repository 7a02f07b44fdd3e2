"""Who feels it: of an incident, of a node in trouble; and whether a node is hit by what is open."""

from __future__ import annotations

import re

from chimera.agents.chat.meant import incident_of
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import failed, incident_line, joined, unknown


async def impact(ask: Ask, looks: Looks) -> Reply:
    """Who feels it: of an incident, or, without one, whom a trouble there would reach."""
    if strange := unknown(ask):
        return strange
    node = ask.named
    if node and not ask.reading.named.incident:
        reach = await looks.see("trace_lineage", name=node)
        if away := failed(reach):
            return away
        open_ = await looks.see("list_incidents", state="open", service=node)
        now = f" {node} has no open incident." if not open_.data and not open_.trouble else ""
        if open_.data:
            now = f" Open now: {incident_line(open_.data[0])}."
        felt = joined(reach.data.downstream)
        text = f"Trouble of {node} is felt by {felt}.{now}"
        if HIT.search(ask.reading.named.text):
            text = f"{await hit(ask, looks, node)} {text}"
        return Reply(text=text, evidence=reach.evidence, focus={"node": node})
    whole = await incident_of(ask, looks)
    if isinstance(whole, Reply):
        return whole
    one = whole.incident
    lines = [f"{one.id}: it shows at {joined(dict.fromkeys((one.service, *one.services)))}."]
    if one.diagnosis and one.diagnosis.affected:
        lines.append(f"Reached by it: {joined(one.diagnosis.affected)}.")
    if one.priority:
        lines.append(f"Priority {one.priority.value}" + (f": {one.impact}." if one.impact else "."))
    lines.append(
        "Users feel it." if any(s.felt for s in one.symptoms) else "Users do not feel it yet."
    )
    return Reply(text=" ".join(lines), focus={"incident": one.id, "node": one.service})


HIT = re.compile(
    r"\b(?:is|was|are) (?:xnode|xdata) (?:also |still |even )?"
    r"(?:affected|impacted|hit|hurt|involved|touched|concerned)\b"
)


async def hit(ask: Ask, looks: Looks, node: str) -> str:
    """Whether an open incident shows at a node, or may come to it."""
    look = await looks.see("list_incidents", state="open")
    for one in look.data or ():
        if node in (one.service, *one.services):
            return f"Yes: {one.id} ({one.title}) shows there."
    for one in look.data or ():
        best = one.diagnosis.best if one.diagnosis else None
        if way := ask.known.estate.way((best.target if best else "") or one.service, node):
            return f"Not that I can see, but {one.id} ({one.title}) could reach it: {' to '.join(way)}."
    return "No: no open incident shows there or leads to it."
