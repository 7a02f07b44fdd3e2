"""Is it getting better: the signals that an incident began with, now, a while ago and at their worst."""

from __future__ import annotations

import re
from datetime import timedelta

import numpy as np

from chimera.agents.chat.condition import condition
from chimera.agents.chat.condition_told import detail
from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import UNITS, failed, incident_line, number, spent, unknown
from chimera.agents.chat.verdicts import gravest
from chimera.domain import Incident
from chimera.tools.signals_now import Now

A_WHILE = timedelta(minutes=15)
SHARE = 0.2  # of what it was: less is the same
LONGEST = timedelta(hours=3)  # looked back
WORSE = re.compile(r"\b(?:worse|worsening|deteriorat\w+)\b", re.I)
SAID = {
    "worse": "it gets worse", "the same": "it is as bad as it was",
    "better": "it gets better", "over": "it is back to what is usual",
}  # fmt: skip
TOLD = 2  # incidents of one answer


async def trend(ask: Ask, looks: Looks) -> Reply:
    """Better, worse or the same: of the incident or the node that is meant, or of all that is open."""
    if strange := unknown(ask):
        return strange
    node = ask.named or (ask.focus.get("node", "") if not ask.incident else "")
    look = await looks.see("list_incidents", state="open", service=node)
    if away := failed(look):
        return away
    open_ = [one for one in look.data if not ask.incident or one.id == ask.incident]
    if not open_ and node:
        state = await condition(ask, looks, node)
        return Reply(text=detail(state), focus={"node": node}, partial=state.partial)
    if not open_:
        return Reply(text="Nothing is open that could get better or worse.")
    lines, evidence = [], []
    partial = False
    for one in gravest(open_)[:TOLD]:
        seen = await looks.see("signals_now", names=where(one), minutes=back(one, ask), at=ask.now)
        rows = [row for row in seen.data or () if (row.signal, row.service) in led(one)]
        lines.append(told(ask, one, rows))
        evidence += [e for e in seen.evidence if e.query in {row.query for row in rows}][:3]
        partial = partial or seen.partial or bool(seen.trouble)
    first = gravest(open_)[0]
    return Reply(
        text=" ".join(lines),
        evidence=tuple(evidence),
        focus={"incident": first.id, "node": node or first.service},
        partial=partial,
    )


def where(one: Incident) -> tuple[str, ...]:
    return tuple(dict.fromkeys((one.service, *(s.service for s in one.symptoms))))


def led(one: Incident) -> set[tuple[str, str]]:
    """The signals by which it showed, and where."""
    return {(s.signal, s.service) for s in one.symptoms} or {(one.leading, one.service)}


def back(one: Incident, ask: Ask) -> float:
    """Minutes to look back: from before it began."""
    return min(ask.now - one.began + A_WHILE, LONGEST) / timedelta(minutes=1)


def told(ask: Ask, one: Incident, rows: list[Now]) -> str:
    """The verdict on one incident, and the figures behind it."""
    judged = [(verdict(ask, one, row), row) for row in rows]
    known = [(word, text) for (word, text), _ in judged if word]
    age = spent(ask.now - one.began)
    if not known:
        return f"I cannot tell for {incident_line(one)}, since {age}: no signal of it has data now."
    words = {word for word, _ in known}
    lead = next((word for word in SAID if word in words), "the same")
    yes = lead == "worse" if WORSE.search(ask.reading.text) else lead in ("better", "over")
    said = f"{'Yes' if yes else 'No'}, {SAID[lead]}"
    return f"{said}: {incident_line(one)}, since {age}. {' '.join(text for _, text in known[:3])}"


def verdict(ask: Ask, one: Incident, row: Now) -> tuple[str, str]:
    """How one signal goes, and its sentence; "" where it has no data."""
    values = np.asarray(row.values, dtype=float)
    per = back(one, ask) / max(values.size - 1, 1)  # minutes between two samples
    step = max(int(A_WHILE.total_seconds() / 60 / per), 1)
    lately, earlier = values[-max(step // 5, 1) :], values[-step - max(step // 5, 1) : -step]
    if not np.isfinite(lately).any() or not np.isfinite(earlier).any():
        return "", ""
    now, then = float(np.nanmean(lately)), float(np.nanmean(earlier))
    worst = float(np.nanmin(values) if row.bad == "down" else np.nanmax(values))
    unit = UNITS.get(row.kind, "")
    limits = [s.high for s in one.symptoms if (s.signal, s.service) == (row.signal, row.service)]
    high = next((limit for limit in limits if limit is not None), None)
    text = (
        f"{row.signal} of {row.service} is {number(now, unit)} now, {number(then, unit)} "
        f"{spent(A_WHILE)} ago, at its worst {number(worst, unit)}"
        + (f", usually up to {number(high, unit)}." if high is not None else ".")
    )
    if high is not None and now <= high:
        return "over", text
    if abs(now - then) <= SHARE * max(abs(then), 1e-9):
        return "the same", text
    return ("better" if (now < then) != (row.bad == "down") else "worse"), text
