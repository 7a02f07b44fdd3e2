"""Whether a signal is more or less than it was: "slower than an hour ago?", "back to normal?"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import numpy as np

from chimera.agents.chat.shape import Ask, Looks, Reply
from chimera.agents.chat.telling import UNITS, clock, failed, number
from chimera.agents.chat.window import window_of
from chimera.tools.signals_now import Now

ASKED = re.compile(
    r"\b(?:than|compared|versus|vs|against|usual|normal|before and after|up|down|risen|rising|rose|grown|growing|grew|"
    r"dropped|dropping|fallen|falling|fell|increas\w+|decreas\w+|doubled|jumped|spik\w+|climb\w*|improv\w+|worse|better|changed)\b"
)
LESS = re.compile(
    r"\b(?:faster|quicker|lower|less|fewer|down|dropp\w+|fall\w+|fell|decreas\w+|improv\w+|better|normal|usual|recovered)\b"
)
LATELY = timedelta(minutes=5)
BACK = timedelta(hours=1)  # compared with, where no time is said
MOVED = 0.2  # of what it was: less is the same


def compares(ask: Ask) -> bool:
    """Whether a signal of one node is held against an earlier time."""
    text = re.sub(r"\bmore than [\d.]+", " ", ask.reading.text.lower())
    return bool(ask.node and ask.reading.kind and ASKED.search(text))


async def compared(ask: Ask, looks: Looks) -> Reply | None:
    """What it is now, what it was then, and whether that is more; None where there is no signal."""
    kind, node = ask.reading.kind, ask.node
    window = await window_of(ask, looks, node, BACK)
    if window.missing:
        return Reply(
            kind="refused", text=f"{window.missing} Name another time, for example `an hour ago`."
        )
    minutes = (ask.now - window.since) / timedelta(minutes=1) + 5
    look = await looks.see("signals_now", names=(node,), minutes=minutes, at=ask.now)
    if away := failed(look):
        return away
    rows = [r for r in look.data if r.kind is kind]
    lines = []
    for row in rows:
        then, now = means(row, window.since, ask.now, minutes)
        if not (np.isfinite(then) and np.isfinite(now)):
            continue
        unit = UNITS.get(row.kind, "")
        same = abs(now - then) <= max(MOVED * abs(then), 1e-9)
        more = now > then
        wants_less = bool(LESS.search(ask.reading.text.lower()))
        word = "about the same" if same else "more" if more else "less"
        normal = re.search(r"\b(?:normal|usual)\b", ask.reading.text.lower())
        yes = same if normal else not same and more != wants_less
        by = "" if same or not then else f" ({now / then:.2g} times)"
        lines.append(
            f"{'Yes' if yes else 'No'}: {row.signal} of {node} is {number(now, unit)} now, {word}{by}; "
            f"at {clock(window.since)} it was {number(then, unit)}."
        )
    if not lines:
        return None
    note = f" {window.note}" if window.note else ""
    return Reply(
        text=" ".join(lines[:3]) + note,
        evidence=tuple(e for e in look.evidence if e.query in {r.query for r in rows})[:4],
        focus={"node": node},
        partial=look.partial,
    )


def means(row: Now, since: datetime, until: datetime, minutes: float) -> tuple[float, float]:
    """What it was around the earlier time, and lately."""
    values = np.asarray(row.values, dtype=float)
    step = minutes * 60.0 / max(values.size - 1, 1)
    around = max(int(LATELY.total_seconds() / step), 1)
    then, now = values[: 2 * around], values[-around:]
    if not np.isfinite(then).any() or not np.isfinite(now).any():
        return float("nan"), float("nan")
    return float(np.nanmean(then)), float(np.nanmean(now))
