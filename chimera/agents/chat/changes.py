"""What was changed: releases, settings, schemas, by service or by the name of a setting."""

from __future__ import annotations

import re
from datetime import timedelta

from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import ago, clock, failed, unknown
from chimera.agents.chat.window import window_of

DAY = timedelta(hours=24)


async def changes(ask: Ask, looks: Looks) -> Reply:
    """Releases, configuration and schema changes."""
    if strange := unknown(ask):
        return await of_a_key(ask, looks) or strange
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


async def of_a_key(ask: Ask, looks: Looks) -> Reply | None:
    """What is no node may be a setting that was changed; None where it is not."""
    keys = {name.lower() for name in ask.reading.named.unknown}
    look = await looks.see("list_changes", since=ask.now - DAY, until=ask.now, service=None)
    found = [c for c in look.data or () if c.what.lower() in keys]
    if not found:
        return None
    told = "; ".join(
        f"{c.what} of {c.service} went from {c.before or '?'} to {c.after} at {clock(c.at)} ({ago(c.at, ask.now)})"
        for c in sorted(found, key=lambda c: c.at, reverse=True)[:3]
    )
    who = (
        " Who changed it is not on record." if re.search(r"\bwho\b", ask.reading.text, re.I) else ""
    )
    evidence = tuple(e for e, c in zip(look.evidence, look.data, strict=True) if c in found)
    return Reply(text=f"{told}.{who}", evidence=evidence, focus={"node": found[0].service})
