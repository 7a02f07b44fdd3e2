from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from chimera.domain import Evidence, Principal, SignalKind
from chimera.platform.observability.window import Window
from chimera.tools.base import Look, evidence_id, tool
from chimera.tools.compare_metrics import concerns

FRESH = 4  # newest samples of which one must be there


@dataclass(frozen=True)
class Now:
    """One watched series: its newest value and its past on an even grid; NaN where none is."""

    signal: str
    kind: SignalKind
    service: str
    labels: dict[str, str]
    value: float
    values: tuple[float, ...]
    query: str
    limit: float | None = None
    bad: str = "up"
    scraped: bool = True  # its target answered lately

    @property
    def over(self) -> bool:
        """Whether it is beyond its limit."""
        if self.limit is None or np.isnan(self.value):
            return False
        return self.value < self.limit if self.bad == "down" else self.value > self.limit


@tool
async def signals_now(
    names: tuple[str, ...] = (),
    minutes: float = 30,
    at: datetime | None = None,
    *,
    who: Principal,
    window: Window,
) -> Look:
    """The watched signals of some services, steps or datasets (of all, if none is named): what each
    is now, how it went, and whether it is beyond its limit. Missing data is said as missing."""
    end = window.grid_end(at or datetime.now(UTC))
    reading = await window.read(end - timedelta(minutes=minutes), end)
    rows, evidence = [], []
    for row, key in enumerate(reading.block.keys):
        if not concerns(key, names):
            continue
        signal = window.signal(key.signal)
        values = reading.block.values[row]
        last = values[-FRESH:]
        known = last[np.isfinite(last)]
        there = reading.block.scraped is None or bool(reading.block.scraped[row, -FRESH:].any())
        now = Now(
            signal=key.signal,
            kind=signal.kind,
            service=key.service,
            labels=dict(key.labels),
            value=float(known[-1]) if known.size else float("nan"),
            values=tuple(float(v) for v in values),
            query=key.query,
            limit=signal.limit,
            bad=signal.bad,
            scraped=there,
        )
        rows.append(now)
        evidence.append(shown(now, end - timedelta(minutes=minutes), end, window))
    return Look(tuple(evidence), tuple(rows), reading.partial)


def shown(now: Now, start: datetime, end: datetime, window: Window) -> Evidence:
    labels = "".join(f" {k}={v}" for k, v in sorted(now.labels.items()))
    state = f"is {now.value:.4g}"
    if np.isnan(now.value):
        state = "has no value now" if now.scraped else "is missing: its target does not answer"
    if now.over:
        state += f", beyond its limit {now.limit:g}"
    return Evidence(
        id=evidence_id("signals_now", now.query + now.signal, start, end),
        tool="signals_now",
        claim=f"{now.signal} of {now.service}{labels} {state}",
        query=now.query,
        began=start,
        ended=end,
        link=window.prometheus.link(now.query, end - start),
    )
