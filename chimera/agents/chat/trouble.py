"""What is wrong, since when, why, and who feels it."""

from __future__ import annotations

from datetime import datetime, timedelta

from chimera.agents.chat.onset import onset
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import (
    ago,
    clock,
    failed,
    incident_line,
    incidents_table,
    joined,
    spent,
    unknown,
    which,
)
from chimera.domain import Incident, Phase, SignalKind
from chimera.tools.base import Look
from chimera.tools.show_incident import Whole
from chimera.tools.signals_now import Now

LATELY = timedelta(minutes=10)  # compared with what was before
BASELINE = 30.0  # minutes


async def status(ask: Ask, looks: Looks) -> Reply:
    """Is anything wrong? The open incidents, and what is beyond its limit or silent."""
    if ask.node and ask.named:
        return await health(ask, looks)
    found = await looks.see("list_incidents", state="open")
    signals = await looks.see("signals_now", minutes=5, at=ask.now)
    if both := failed(found):
        return both
    incidents: tuple[Incident, ...] = found.data
    lines, partial = [], found.partial or signals.partial
    if incidents:
        lines.append(f"{len(incidents)} open incident{'s' if len(incidents) > 1 else ''}.")
    else:
        lines.append("Nothing is wrong that I know of: there is no open incident.")
    lines += [told(one, ask.now) for one in incidents[:3]]
    if signals.trouble:
        lines.append(f"I cannot see the signals: {signals.trouble.message}.")
        partial = True
    else:
        lines += beyond(signals, incidents)
    focus = {"incident": incidents[0].id} if len(incidents) == 1 else {}
    return Reply(
        text=" ".join(lines),
        tables=(incidents_table(incidents, ask.now),) if incidents else (),
        evidence=found.evidence,
        focus=focus,
        partial=partial,
    )


def told(one: Incident, now: datetime) -> str:
    """An incident in a line: what, since when, its cause, who feels it, whose it is."""
    best = one.diagnosis.best if one.diagnosis else None
    cause = f"cause: {best.cause}" if best and best.cause else "no cause is known yet"
    felt = one.impact or ("users feel it" if any(s.felt for s in one.symptoms) else "")
    whose = f"; {one.diagnosis.owner} owns it" if one.diagnosis and one.diagnosis.owner else ""
    return f"{incident_line(one)}, since {spent(now - one.began)}; {cause}{f'; {felt}' if felt else ''}{whose}."


def beyond(signals: Look, incidents: tuple[Incident, ...] = ()) -> list[str]:
    """What is beyond its limit or does not answer, as sentences."""
    rows: tuple[Now, ...] = signals.data or ()
    if not rows:
        return ["No watched signal has data just now, so I cannot say that all is well."]
    over = [r for r in rows if r.over]
    gone = sorted({r.service for r in rows if not r.scraped})
    lines = []
    if over:
        told = (f"{r.signal} of {r.service} is {r.value:.3g}, limit {r.limit:g}" for r in over[:5])
        lines.append(f"Beyond its limit: {'; '.join(told)}.")
    if gone:
        lines.append(f"Not answering: {', '.join(gone)}.")
    if not lines and not incidents:
        services = len({r.service for r in rows})
        lines.append(f"All {len(rows)} watched signals of {services} services are within limits.")
    return lines


async def health(ask: Ask, looks: Looks) -> Reply:
    """How one service, step or dataset is: its incidents, what moved, what is beyond its limit."""
    if strange := unknown(ask):
        return strange
    node = ask.node
    if not node:
        return await status(ask, looks) if not ask.reading.named.pronoun else which(ask)
    incidents = await looks.see("list_incidents", state="open", service=node)
    signals = await looks.see("signals_now", names=(node,), minutes=30, at=ask.now)
    moved = await looks.see(
        "compare_metrics",
        began=ask.now - LATELY,
        until=ask.now,
        services=(node,),
        baseline_minutes=BASELINE,
    )
    lines, evidence = [], []
    mine: tuple[Incident, ...] = incidents.data or ()
    if incidents.trouble:
        lines.append(f"I cannot read the incidents: {incidents.trouble.message}.")
    for one in mine[:3]:
        lines.append(
            f"{node} has an open incident: {incident_line(one)}, since {clock(one.began)}."
        )
        best = one.diagnosis.best if one.diagnosis else None
        if best and best.cause:
            lines.append(f"Its cause: {best.cause} ({best.confidence:.0%}).")
    shifts = [] if moved.trouble else list(moved.evidence)
    shifts = [e for e in shifts if not e.claim.startswith("traffic")][:4]
    over: list[str] = []
    if signals.trouble:
        over.append(f"I cannot see its signals: {signals.trouble.message}.")
    elif not signals.data:
        over.append(f"I see no signal of {node}: no data, so I cannot call it healthy.")
    else:
        over += beyond(signals, mine)
    bad = any(line.startswith(("Beyond", "Not answering")) for line in over)
    if not mine and not shifts and not bad and not signals.trouble and signals.data:
        lines.append(f"{node} is fine: no open incident, and no signal of it has moved lately.")
    elif not mine and not incidents.trouble:
        lines.append(f"{node} has no open incident.")
    lines += [f"{piece.claim}." for piece in shifts]
    if bad or not signals.data:
        lines += over
    evidence += [*incidents.evidence[:3], *shifts]
    return Reply(
        text=" ".join(lines),
        tables=(vitals(signals),) if signals.data else (),
        evidence=tuple(evidence),
        focus={"node": node, "incident": mine[0].id if mine else ""},
        partial=bool(incidents.trouble or signals.trouble or moved.trouble or signals.partial),
    )


def vitals(signals: Look) -> Table:
    rows: tuple[Now, ...] = signals.data or ()
    return Table(
        columns=("signal", "now", "limit"),
        rows=tuple(
            (
                " ".join([r.signal, *(f"{k}={v}" for k, v in sorted(r.labels.items()))]),
                f"{r.value:.4g}" if r.value == r.value else "no value",
                f"{r.limit:g}" if r.limit is not None else "-",
            )
            for r in rows[:20]
        ),
    )


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
    return seen.model_copy(update={"text": seen.text + last})


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
