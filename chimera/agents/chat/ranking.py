"""Which service is first by a signal: "which takes the most traffic", "slowest right now"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from chimera.agents.chat.queries import everywhere
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import UNITS, clock, failed, number

RANKED = re.compile(
    r"\b(?:most|least|fewest|highest|lowest|biggest|largest|smallest|best|worst|top(?: \d+)?|busiest|quietest|slowest|"
    r"fastest|quickest|hungriest|fullest|snappiest)\b"
)
LOW = re.compile(r"\b(?:least|fewest|lowest|smallest|quietest|fastest|quickest|best|snappiest)\b")
LATELY = timedelta(minutes=5)  # of which the mean is ranked
SHOWN = 12


def ranks(ask: Ask) -> bool:
    """Whether services are ranked by a signal."""
    text = ask.reading.text.lower()
    return bool(not ask.named and ask.reading.kind and RANKED.search(text))


async def ranking(ask: Ask, looks: Looks) -> Reply:
    """Services by what a signal is on average: now, or in the stretch that is asked about."""
    kind = ask.reading.kind
    signals = await looks.see("watched_signals")
    if away := failed(signals):
        return away
    chosen = next((s for s in signals.data if s.kind is kind), None)
    if chosen is None or kind is None:
        kinds = ", ".join(dict.fromkeys(s.kind.value for s in signals.data)) or "none"
        return Reply(kind="refused", text=f"No such signal is watched; these kinds are: {kinds}.")
    since = ask.reading.span.since or ask.now - LATELY
    until = min(ask.reading.span.until or ask.now, ask.now)
    look = await looks.see("ask_metrics", promql=everywhere(chosen), since=since, until=until)
    if away := failed(look):
        return away
    means = {name(s.labels): s.values for s in look.data if np.isfinite(s.values).any()}
    if not means:
        text = f"No service has a value of {chosen.name} since {clock(since)}. No data is not zero."
        return Reply(text=text, evidence=look.evidence, partial=True)
    low = bool(LOW.search(ask.reading.text.lower()))
    ranked = sorted(((float(np.nanmean(v)), n) for n, v in means.items()), reverse=not low)
    unit = UNITS.get(kind, "")
    cells = tuple((n, number(v, unit), number(last(means[n]), unit)) for v, n in ranked[:SHOWN])
    over = f"from {clock(since)} to {until:%H:%M:%S}"
    behind = f", then {', '.join(f'{c[0]} ({c[1]})' for c in cells[1:3])}" if cells[1:] else ""
    word = "lowest" if low else "highest"
    shown = look.evidence[0].query if look.evidence else ""
    text = f"{cells[0][0]} has the {word} {chosen.name}: {cells[0][1]} on average {over}{behind}."
    return Reply(
        text=f"{text} Query: `{shown}`",
        tables=(Table(columns=("service", "mean", "now"), rows=cells),),
        evidence=look.evidence,
        focus={"node": cells[0][0].split()[0]},
        partial=look.partial,
    )


def last(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1])


def name(labels: Mapping[str, str]) -> str:
    """The service, and what of it."""
    first = labels.get("service", "")
    more = [
        v for k, v in sorted(labels.items()) if k not in ("service", "instance", "job", "__name__")
    ]
    return " ".join(one for one in (first, *more[:2]) if one) or "all"
