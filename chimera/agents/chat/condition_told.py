"""How a node is, in words: a verdict to begin with, a sentence, the signals that somebody suspects."""

from __future__ import annotations

from collections.abc import Collection

from chimera.agents.chat.condition import BACK, Condition
from chimera.agents.chat.telling import UNITS, number, spent
from chimera.domain import FaultKind


def opening(state: Condition) -> str:
    """The verdict where no incident is open."""
    if state.fine:
        return f"No: {state.node} has no trouble that could have a cause."
    if not state.seen or state.incidents.trouble:
        return (
            f"I cannot tell: I see no data of {state.node}, and no data is not the same as healthy."
        )
    return f"I do not know: no cause is named, since no incident of {state.node} is open."


def detail(state: Condition) -> str:
    """How a node is, in a sentence."""
    if state.open:
        return (
            f"{state.node} has an open incident itself: {state.open[0].id}, {state.open[0].title}."
        )
    if state.fine:
        return f"{state.node} is fine: no open incident, and no signal of it has moved lately."
    told = [
        *(piece.claim for piece in state.shifts[:3]),
        *(one.rstrip(".") for one in state.left[:2]),
    ]
    told += [f"{r.signal} is {r.value:.3g}, limit {r.limit:g}" for r in state.rows if r.over][:2]
    return f"{state.node} has no open incident" + (f"; {'; '.join(told)}." if told else ".")


def its_signals(state: Condition, kinds: Collection[FaultKind]) -> list[str]:
    """What is blamed and can be measured, as it is: "the disk", "traffic"."""
    wanted = {kind.value for kind in kinds}
    lines = []
    for row in [one for one in state.rows if one.kind.value in wanted][:2]:
        known = [value for value in row.values if value == value]
        if not known:
            continue
        unit = UNITS.get(row.kind, "")
        limit = f", limit {row.limit:g}" if row.limit is not None else ""
        lines.append(
            f"{row.signal} of {state.node} is {number(row.value, unit)} now and was "
            f"{number(known[0], unit)} {spent(BACK)} ago{limit}."
        )
    return lines
