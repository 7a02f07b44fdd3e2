"""Of an incident: why, since when, and all that is on record."""

from __future__ import annotations

from chimera.agents.chat.meant import incident_of
from chimera.agents.chat.onset import onset
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import ago, clock, incident_line, spent
from chimera.domain import Phase, SignalKind


async def cause(ask: Ask, looks: Looks) -> Reply:
    """Why: the diagnosis with its evidence and what speaks against it."""
    whole = await incident_of(ask, looks)
    if isinstance(whole, Reply):
        return whole
    one = whole.incident
    focus = {"incident": one.id, "node": one.service}
    best = one.diagnosis.best if one.diagnosis else None
    if best is None or not best.cause:
        why = one.diagnosis.summary if one.diagnosis else "it is still being looked at"
        text = f"No cause of {one.id} ({one.title}) is known yet: {why}"
        nexts = one.diagnosis.next_looks if one.diagnosis else ()
        more = f" To settle it: {'; '.join(nexts)}." if nexts else ""
        return Reply(text=text + more, focus=focus)
    assert one.diagnosis is not None
    others = [f for f in one.diagnosis.findings[1:3] if f.cause]
    lines = [f"{one.id}: {best.cause}. Confidence {best.confidence:.0%}."]
    if best.target:
        lines.append(f"To blame: {best.target} ({best.kind.value}).")
        focus["node"] = best.target
    lines.append("Evidence: " + "; ".join(e.claim for e in best.evidence[:4]) + ".")
    if best.counter:
        lines.append("Against it: " + "; ".join(e.claim for e in best.counter[:2]) + ".")
    if others:
        lines.append(
            "Also possible: " + "; ".join(f"{f.cause} ({f.confidence:.0%})" for f in others)
        )
    if best.runbook and one.phase is not Phase.RESOLVED:
        lines.append(f"The runbook that would mend it: {best.runbook}.")
    if ask.node and ask.named and ask.named not in (one.service, *one.services, best.target):
        lines.insert(0, f"{ask.named} is not part of {one.id}.")
    quotes = tuple(e.excerpt[:300] for e in best.evidence if e.untrusted and e.excerpt)[:2]
    return Reply(text=" ".join(lines), evidence=best.evidence, quotes=quotes, focus=focus)


async def since_when(ask: Ask, looks: Looks) -> Reply:
    """When it began, and how long it lasted: of an incident, or of a signal by its series."""
    kind, node = ask.reading.kind, ask.node
    named = node and not ask.reading.named.incident
    if named and ask.known.is_data(node) and kind is not None:
        if seen := await onset(ask, looks, node, frozenset((kind,))):
            return seen
    elif named and not ask.focus.get("incident"):
        open_ = await looks.see("list_incidents", state="open", service=node)
        asked = frozenset((kind,)) if kind else frozenset[SignalKind]()
        if not open_.trouble and not open_.data and (seen := await onset(ask, looks, node, asked)):
            text = f"{node} has no open incident. {seen.text}"
            return seen.model_copy(update={"text": text})
    whole = await incident_of(ask, looks)
    if isinstance(whole, Reply):
        return whole
    one = whole.incident
    first = min(one.symptoms, key=lambda s: s.began, default=None)
    lines = [f"{one.id} ({one.title}) began at {clock(one.began)}, {ago(one.began, ask.now)}."]
    if first is not None:
        lines.append(f"First seen: {first.signal} of {first.service} at {clock(first.began)}.")
    if one.resolved:
        lines.append(
            f"It was resolved at {clock(one.resolved)}, after {spent(one.resolved - one.began)}."
        )
    else:
        lines.append("It is not resolved.")
    return Reply(text=" ".join(lines), focus={"incident": one.id, "node": one.service})


async def incident(ask: Ask, looks: Looks) -> Reply:
    """One incident: state, cause, what was done."""
    whole = await incident_of(ask, looks)
    if isinstance(whole, Reply):
        return whole
    one = whole.incident
    best = one.diagnosis.best if one.diagnosis else None
    lines = [f"{incident_line(one)}. It began at {clock(one.began)}, {ago(one.began, ask.now)}."]
    lines.append(f"Resolved at {clock(one.resolved)}." if one.resolved else "It is still open.")
    lines.append(
        f"Cause: {best.cause} ({best.confidence:.0%})."
        if best and best.cause
        else "No cause is known yet."
    )
    if one.acknowledged_by:
        lines.append(f"Acknowledged by {one.acknowledged_by}.")
    elif not one.resolved:
        lines.append("Nobody has acknowledged it yet.")
    for record in whole.orders[:4]:
        end = record.outcome.status if record.outcome else record.state
        lines.append(
            f"Order {record.order.id}: {record.order.runbook} on {record.order.target}, {end}."
        )
    if not whole.orders:
        lines.append("No order was placed for it.")
    events = tuple((f"{e.at:%H:%M:%S}", e.actor, e.text) for e in whole.events[-12:])
    tables = (Table(columns=("time", "who", "what"), rows=events),) if events else ()
    focus = {"incident": one.id, "node": (best.target if best else "") or one.service}
    return Reply(text=" ".join(lines), tables=tables, focus=focus)
