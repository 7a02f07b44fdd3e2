"""Service levels with their error budgets, and what runs out."""

from __future__ import annotations

import numpy as np

from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import failed, spent, unknown
from chimera.platform.slo import Budget
from chimera.tools.capacity import Room


async def slo(ask: Ask, looks: Looks) -> Reply:
    """Service levels and error budgets."""
    if strange := unknown(ask):
        return strange
    name = ask.reading.named.objective or ask.named
    look = await looks.see("slo_status", name=name, at=ask.now)
    if away := failed(look):
        return away
    if not look.data:
        of = f" of {name}" if name else ""
        known = ", ".join(ask.known.objectives) or "none"
        return Reply(text=f"No service level{of} was promised; these are: {known}.")
    rows = tuple(budget_row(one) for one in look.data)
    bad = [b for b in look.data if b.state in ("burning", "spent")]
    blind = [b.slo.name for b in look.data if b.state == "no data"]
    lines = [f"{b.slo.name} is {b.state}." for b in bad]
    if not bad and len(blind) < len(look.data):
        lines.append("No error budget is burning or spent.")
    if blind:
        lines.append(f"No data for {', '.join(blind)}: I cannot say whether they are kept.")
    for b in look.data if len(look.data) <= 3 else ():
        if b.left is not None and b.bad is not None:
            lines.append(
                f"{b.slo.name}: {1 - b.bad:.4%} good, promised {b.slo.objective:.4g}, {b.left:.1%} of the budget left."
            )
    columns = ("slo", "state", "promised", "good", "budget left")
    focus = {"node": look.data[0].slo.node} if len(look.data) == 1 else {}
    return Reply(
        text=" ".join(lines),
        tables=(Table(columns=columns, rows=rows),),
        evidence=look.evidence,
        partial=look.partial or bool(blind),
        focus=focus,
    )


def budget_row(one: Budget) -> tuple[str, ...]:
    good = "-" if one.bad is None else f"{(1 - one.bad) * 100:.4g} %"
    left = "-" if one.left is None else f"{one.left * 100:.3g} %"
    return (one.slo.name, one.state, f"{one.slo.objective * 100:g} %", good, left)


async def capacity(ask: Ask, looks: Looks) -> Reply:
    """What runs out, and when."""
    if strange := unknown(ask):
        return strange
    names = (ask.node,) if ask.node and (ask.named or ask.reading.named.pronoun) else ()
    look = await looks.see("capacity", names=names, at=ask.now)
    if away := failed(look):
        return away
    if not look.data:
        of = f" of {names[0]}" if names else ""
        return Reply(
            text=f"No signal{of} with a limit has data: I cannot tell what runs out.", partial=True
        )
    kind = ask.reading.kind
    rooms = [
        r
        for r in look.data
        if kind is None or kind.value in r.signal or kind.value == r.signal.split("_")[0]
    ]
    rooms = sorted(rooms or look.data, key=lambda r: (r.left is None, r.left, -r.used))
    soon = [r for r in rooms if r.left is not None]
    rows = tuple(
        (
            f"{r.signal} of {r.service}",
            f"{r.value:.3g}",
            f"{r.limit:g}",
            spent(r.left) if r.left is not None else "not in sight",
        )
        for r in rooms[:12]
    )
    lead = "Nothing is running out within a day."
    if soon:
        lead = (
            "; ".join(
                f"{r.signal} of {r.service} is {r.value:.3g}{trend(r)} and reaches {r.limit:g} in {spent(r.left)}"
                if r.left
                else f"{r.signal} of {r.service} is at its limit {r.limit:g}"
                for r in soon[:3]
            )
            + "."
        )
    elif names:
        fullest = rooms[0]
        lead = (
            f"Nothing of {names[0]} is running out within a day; nearest to its limit: "
            f"{fullest.signal}, {fullest.value:.3g} of {fullest.limit:g}{trend(fullest)}."
        )
    return Reply(
        text=lead,
        tables=(Table(columns=("what", "now", "limit", "reached in"), rows=rows),),
        evidence=look.evidence[:6],
        focus={"node": names[0]} if names else {},
        partial=look.partial,
    )


def trend(room: Room) -> str:
    """Whether it rises, and from where."""
    known = np.asarray(room.values, dtype=float)
    known = known[np.isfinite(known)]
    if known.size < 8:
        return ""
    first = float(np.median(known[: max(known.size // 10, 2)]))
    if abs(room.value - first) < 0.01 * max(abs(room.limit), 1e-9):
        return ", steady"
    return f", {'rising' if room.value > first else 'falling'} from {first:.3g} an hour ago"
