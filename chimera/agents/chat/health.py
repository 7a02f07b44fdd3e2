"""Is anything wrong, and how is this one: of the whole estate, or of one node."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from chimera.agents.chat.condition import condition
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import (
    clock,
    failed,
    incident_line,
    incidents_table,
    joined,
    spent,
    unknown,
    which,
)
from chimera.domain import Incident
from chimera.tools.base import Look
from chimera.tools.signals_now import Now

BESIDES = re.compile(
    r"\b(?:besides?|except(?: for)?|apart from|other than|aside from)\b.*\b(?:xnode|xdata)\b"
)


async def status(ask: Ask, looks: Looks) -> Reply:
    """Is anything wrong? The open incidents, and what is beyond its limit or silent."""
    spared = BESIDES.search(ask.reading.named.text)
    if ask.node and ask.named and not spared:
        return await health(ask, looks)
    apart = frozenset(ask.reading.named.nodes) if spared else frozenset[str]()
    found = await looks.see("list_incidents", state="open")
    signals = await looks.see("signals_now", minutes=5, at=ask.now)
    if both := failed(found):
        return both
    incidents: tuple[Incident, ...] = tuple(
        i for i in found.data if not apart & {i.service, *i.services}
    )
    if apart:
        signals = replace(
            signals, data=tuple(r for r in signals.data or () if r.service not in apart)
        )
    lines, partial = [], found.partial or signals.partial
    if incidents:
        lines.append(f"{len(incidents)} open incident{'s' if len(incidents) > 1 else ''}.")
    else:
        beside = f" beside {joined(sorted(apart))}" if apart else ""
        lines.append(f"Nothing is wrong{beside} that I know of: there is no open incident.")
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
    if BESIDES.search(ask.reading.named.text):
        return await status(ask, looks)
    if not node:
        return await status(ask, looks) if not ask.reading.named.pronoun else which(ask)
    state = await condition(ask, looks, node)
    incidents, signals, mine = state.incidents, state.signals, state.open
    lines = []
    if incidents.trouble:
        lines.append(f"I cannot read the incidents: {incidents.trouble.message}.")
    for one in mine[:3]:
        lines.append(
            f"{node} has an open incident: {incident_line(one)}, since {clock(one.began)}."
        )
        best = one.diagnosis.best if one.diagnosis else None
        if best and best.cause:
            lines.append(f"Its cause: {best.cause} ({best.confidence:.0%}).")
    if state.fine:
        lines.append(f"{node} is fine: no open incident, and no signal of it has moved lately.")
    elif not mine and not incidents.trouble:
        lines.append(f"{node} has no open incident.")
    lines += [f"{piece.claim}." for piece in state.shifts]
    lines += state.left if not mine else ()
    if signals.trouble:
        lines.append(f"I cannot see its signals: {signals.trouble.message}.")
    elif not signals.data:
        lines.append(f"I see no signal of {node}: no data, so I cannot call it healthy.")
    elif state.beyond:
        lines += beyond(signals, mine)
    return Reply(
        text=" ".join(lines),
        tables=(vitals(signals),) if signals.data else (),
        evidence=(*incidents.evidence[:3], *state.shifts),
        focus={"node": node, "incident": mine[0].id if mine else ""},
        partial=state.partial,
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
