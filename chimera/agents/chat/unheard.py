"""Why nobody was told: what was silenced then, what is on record, and how the signals were."""

from __future__ import annotations

from datetime import timedelta

from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import UNITS, ago, clock, failed, joined, number, unknown
from chimera.tools.signals_now import Now

AROUND = timedelta(minutes=30)


async def unheard(ask: Ask, looks: Looks) -> Reply:
    """A silence that held, an incident that was opened after all, or signals within their limits."""
    if strange := unknown(ask):
        return strange
    node, at = ask.node, ask.reading.span.since or ask.now
    held = await looks.see("list_brakes", at=at)
    if away := failed(held):
        return away
    until = min(ask.now, at + AROUND)
    of = f" of {node}" if node else ""
    mine = tuple(
        s
        for s in held.data.silences
        if s.since <= until and (not node or not s.matcher.services or node in s.matcher.services)
    )
    lines = [
        f"{s.id}: {joined(s.matcher.services, 'everything')} is silenced since {clock(s.since)} "
        f"({ago(s.since, ask.now)}) until {clock(s.until)} by {s.by}: {s.reason or 'no reason was given'}"
        f" (signals: {joined(s.matcher.signals, 'all')}). What a silence covers is recorded and told to nobody."
        for s in mine
    ]
    if not mine:
        lines.append(f"No silence{of} held then.")
    found = await looks.see("list_incidents", state="all", service=node, since=at - AROUND)
    near = [
        i
        for i in found.data or ()
        if at - AROUND <= i.opened <= until + AROUND
        or (ask.reading.span.empty and not i.resolved)  # no time is said: what is open is meant
    ]
    if near:
        told = (f"{i.id} ({i.title}), opened {ago(i.opened, ask.now)}" for i in near[:3])
        lines.append(f"On record from then: {joined(told)}.")
    elif not found.trouble:
        lines.append(f"No incident{of} was opened around then.")
    if node:
        signals = await looks.see("signals_now", names=(node,), minutes=60, at=ask.now)
        lines += most(node, signals.data or ())
        if signals.trouble:
            lines.append(f"I cannot see its signals: {signals.trouble.message}.")
    focus = {"node": node} if node else {}
    if len(mine) == 1:
        focus["silence"] = mine[0].id
    return Reply(text=" ".join(lines), evidence=held.evidence, focus=focus)


def most(node: str, rows: tuple[Now, ...]) -> list[str]:
    """How far the signals that users feel went in the last hour."""
    lines = []
    for row in rows:
        known = [v for v in row.values if v == v]
        if row.kind.value in ("latency", "errors") and known:
            unit = UNITS.get(row.kind, "")
            lines.append(
                f"{row.signal} of {node} was at most {number(max(known), unit)} in the last hour "
                f"and is {number(row.value, unit)} now."
            )
    return lines[:3]
