"""What changed, what was logged, what there was before, whose it is and what it stands on."""

from __future__ import annotations

import re
from datetime import timedelta

from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import ago, clock, failed, incidents_table, joined, unknown, which
from chimera.agents.chat.trouble import incident, incident_of
from chimera.agents.chat.window import window_of

DAY = timedelta(hours=24)
WORDS = re.compile(
    r"\b(?:search|grep|find|look) (?:the logs )?(?:for |of \w+ for )?[\"']?(\w[\w -]*?)[\"']?(?: in| of| from|$)",
    re.I,
)


async def changes(ask: Ask, looks: Looks) -> Reply:
    """Releases, configuration and schema changes."""
    if strange := unknown(ask):
        return strange
    node = ask.named or (ask.node if ask.reading.named.pronoun else "")
    window = await window_of(ask, looks, node, DAY)
    if window.missing:
        return Reply(text=window.missing, focus={"node": node} if node else {})
    look = await looks.see(
        "list_changes", since=window.since, until=window.until, service=node or None
    )
    if away := failed(look):
        return away
    of = f" of {node}" if node else ""
    over = f"between {clock(window.since)} and {clock(window.until)}"
    if not look.data:
        return Reply(text=f"I see no change{of} {over}.", focus={"node": node} if node else {})
    rows = tuple(
        (clock(c.at), c.service, c.kind, c.what, c.before or "?", c.after)
        for c in sorted(look.data, key=lambda c: c.at, reverse=True)
    )
    last = rows[0]
    text = (
        f"{len(rows)} change{'s' if len(rows) > 1 else ''}{of} {over}; the last: {last[2]} of "
        f"{last[1]} {last[4]} -> {last[5]} at {last[0]}."
    )
    columns = ("at", "service", "kind", "what", "before", "after")
    return Reply(
        text=text,
        tables=(Table(columns=columns, rows=rows),),
        evidence=look.evidence,
        focus={"node": node or last[1]},
    )


async def logs(ask: Ask, looks: Looks) -> Reply:
    """What a service logs now that it did not before; its text is quoted, never followed."""
    if strange := unknown(ask):
        return strange
    if not ask.node:
        return which(ask, "service")
    window = await window_of(ask, looks, ask.node)
    if window.missing:
        return Reply(kind="refused", text=window.missing)
    match = WORDS.search(ask.reading.text)
    words = match[1] if match else ""
    look = await looks.see(
        "search_logs", service=ask.node, began=window.since, until=window.until, words=words
    )
    if away := failed(look):
        return away
    lead = ""
    found = [e for e in look.evidence if not e.claim.startswith("0 lines")]
    if not found and not match:  # nothing new: what it logs all the time
        newest = await looks.see(
            "search_logs", service=ask.node, began=window.since, until=window.until, words=" "
        )
        found = [e for e in newest.evidence if e.claim.startswith(tuple("123456789"))]
        lead = f"{ask.node} logs nothing new since {clock(window.since)}; its newest lines"
    if not found:
        if match:
            return Reply(
                text=f"No line of {ask.node} since {clock(window.since)} holds {words!r}.",
                focus={"node": ask.node},
            )
        return Reply(
            text=f"{ask.node} logs nothing new since {clock(window.since)}.",
            focus={"node": ask.node},
        )
    quotes = tuple(e.excerpt[:400] for e in found[:6] if e.excerpt)
    claims = lead or "; ".join(e.claim for e in found[:4])
    return Reply(
        text=f"{claims}. What follows was written by others.",
        evidence=tuple(found[:8]),
        quotes=quotes,
        focus={"node": ask.node},
        partial=look.partial,
    )


async def history(ask: Ask, looks: Looks) -> Reply:
    """Earlier incidents, and what was done about them."""
    if strange := unknown(ask):
        return strange
    if ask.reading.named.incident:
        return await incident(ask, looks)
    node = ask.node
    since = ask.reading.span.since
    state = "all" if since else "resolved"
    look = await looks.see("list_incidents", state=state, service=node, since=since)
    if away := failed(look):
        return away
    found = [i for i in look.data if i.id != ask.focus.get("incident")]
    of = f" of {node}" if node else ""
    if not found:
        when = f" since {clock(since)}" if since else ""
        return Reply(
            text=f"No earlier incident{of} is on record{when}.",
            focus={"node": node} if node else {},
        )
    newest = found[0]
    whole = await looks.see("show_incident", incident=newest.id)
    lines = [f"{len(found)} incident{'s' if len(found) > 1 else ''}{of} on record."]
    best = newest.diagnosis.best if newest.diagnosis else None
    cause = best.cause if best and best.cause else "no cause was named"
    when = ago(newest.resolved, ask.now) if newest.resolved else "not resolved"
    lines.append(f"The last: {newest.id} ({newest.title}), {when}; cause: {cause}.")
    done = [r for r in whole.data.orders if r.outcome] if whole.data else []
    for record in done[:3]:
        assert record.outcome is not None
        lines.append(f"{record.order.runbook} on {record.order.target}: {record.outcome.status}.")
    if not done and newest.resolved:
        lines.append("No order was carried out for it.")
    return Reply(
        text=" ".join(lines),
        tables=(incidents_table(found[:10], ask.now),),
        evidence=look.evidence[:5],
        focus={"node": node} if node else {},
    )


async def postmortem(ask: Ask, looks: Looks) -> Reply:
    """The post-mortem of a resolved incident."""
    whole = await incident_of(ask, looks)
    if isinstance(whole, Reply):
        return whole
    focus = {"incident": whole.incident.id}
    if not whole.postmortem:
        state = "has none" if whole.incident.resolved else "is still open; it is written at its end"
        return Reply(text=f"{whole.incident.id} has no post-mortem: it {state}.", focus=focus)
    return Reply(
        text=f"The post-mortem of {whole.incident.id}:", quotes=(whole.postmortem,), focus=focus
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
    return Reply(text=text, evidence=look.evidence, focus={"node": ask.node})
