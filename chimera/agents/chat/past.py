"""What was logged, and what there was before."""

from __future__ import annotations

import re
from datetime import timedelta

from chimera.agents.chat.meant import incident_of
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import ago, clock, failed, incidents_table, joined, unknown, which
from chimera.agents.chat.trouble import incident
from chimera.agents.chat.window import window_of
from chimera.domain import Incident

DAY = timedelta(hours=24)
COUNTED = re.compile(r"\b(?:how (?:many|often)|number of|count)\b", re.I)
WORDS = re.compile(
    r"\b(?:search|grep|find|look) (?:the logs )?(?:for |of \w+ for )?[\"']?(\w[\w -]*?)[\"']?(?: in| of| from|$)",
    re.I,
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
    counted = COUNTED.search(ask.reading.text)
    state = "all" if since or counted else "resolved"
    look = await looks.see("list_incidents", state=state, service=node, since=since)
    if away := failed(look):
        return away
    found = [i for i in look.data if counted or since or i.id != ask.focus.get("incident")]
    of = f" of {node}" if node else ""
    if not found:
        when = f" since {clock(since)}" if since else ""
        return Reply(
            text=f"No earlier incident{of} is on record{when}.",
            focus={"node": node} if node else {},
        )
    newest = found[0]
    whole = await looks.see("show_incident", incident=newest.id)
    over = f" since {clock(since)}" if since else ""
    lines = [
        f"{len(found)} incident{'s' if len(found) > 1 else ''}{of} on record{over}{open_of(found)}."
    ]
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


def open_of(found: list[Incident]) -> str:
    """How many of them are not over."""
    open_ = [one.id for one in found if not one.resolved]
    return f", {len(open_)} of them open ({joined(open_)})" if open_ else ""


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
