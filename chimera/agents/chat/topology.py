"""Whose something is, what it stands on, and who stands on it."""

from __future__ import annotations

import re

from chimera.agents.chat.meant import incident_of
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import failed, joined, unknown, which

DOES = re.compile(r"^(?:and |so |but |ok |hey )*(?:does|do|is|are|can|could|has)\b", re.I)
BACKWARDS = re.compile(
    r"\b(?:feeds?|fills?|reach(?:es)?|affects?|writes?|used by|read by|produces?|supplies|flows? into|hits?)\b"
)


async def owner(ask: Ask, looks: Looks) -> Reply:
    """Whose it is."""
    if strange := unknown(ask):
        return strange
    node = ask.node
    if not node and ask.incident:
        whole = await incident_of(ask, looks)
        if isinstance(whole, Reply):
            return whole
        node = whole.incident.service
    if not node:
        return which(ask)
    look = await looks.see("walk_topology", name=node)
    if away := failed(look):
        return away
    who = look.data.owner
    text = f"{node} belongs to {who}." if who else f"Nobody is named as the owner of {node}."
    return Reply(text=text, evidence=look.evidence, focus={"node": node})


async def dependencies(ask: Ask, looks: Looks) -> Reply:
    """What something is, what it stands on, and who stands on it."""
    if strange := unknown(ask):
        return strange
    if not ask.node:
        if re.search(r"\b(services|nodes|systems|components)\b", ask.reading.text.lower()):
            rows = tuple(
                (n.name, n.kind, n.owner or "-", n.description) for n in ask.known.estate.nodes
            )
            table = Table(columns=("name", "kind", "owner", "what"), rows=rows)
            names = joined((n.name for n in ask.known.estate.nodes), "none")
            return Reply(text=f"I know {len(rows)} nodes: {names}.", tables=(table,))
        return which(ask)
    look = await looks.see("walk_topology", name=ask.node)
    lineage = await looks.see("trace_lineage", name=ask.node)
    if away := failed(look, lineage):
        return away
    node = look.data
    direct = ask.known.estate.causes_of(ask.node)
    callers = tuple(
        n.name for n in ask.known.estate.nodes if ask.node in ask.known.estate.causes_of(n.name)
    )
    about = f" {node.description}" if node.description else ""
    text = (
        f"{ask.node} is a {node.kind} of {node.owner or 'nobody'} (tier {node.tier}).{about} "
        f"It depends on {joined(direct, 'nothing')}. Directly on it depend {joined(callers)}. "
        f"Its trouble is felt by {joined(lineage.data.downstream)}."
    )
    return Reply(text=f"{stands_on(ask)}{text}", evidence=look.evidence, focus={"node": ask.node})


def stands_on(ask: Ask) -> str:
    """Yes or no, with the way, where it is asked whether one node stands on another; "" otherwise."""
    nodes = ask.reading.named.nodes
    if len(nodes) != 2 or not DOES.match(ask.reading.text):
        return ""
    user, used = reversed(nodes) if BACKWARDS.search(ask.reading.named.text) else nodes
    way = ask.known.estate.way(used, user)
    if len(way) > 2:
        return f"Yes: {user} stands on {used} by way of {', '.join(way[1:-1])}. "
    if way:
        return f"Yes: {user} stands on {used} directly. "
    back = f"; {used} stands on {user}" if ask.known.estate.way(user, used) else ""
    return f"No: nothing leads from {used} to {user}{back}. "
