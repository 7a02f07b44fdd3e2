"""One metric over time, and which metrics there are."""

from __future__ import annotations

import re

import numpy as np

from chimera.agents.chat.compared import compared, compares
from chimera.agents.chat.queries import query_for
from chimera.agents.chat.ranking import ranking, ranks
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import chart, clock, failed, number, unknown
from chimera.agents.chat.window import window_of
from chimera.domain import moment

SHOWN = 5  # series
ASKED = frozenset((
    "which", "what", "metrics", "metric", "names", "name", "are", "is", "there", "a", "an", "for",
    "about", "like", "called", "show", "list", "find", "search", "exist", "do", "you", "we",
    "have", "know", "all", "the", "me", "can", "i", "ask", "query", "with", "of",
))  # fmt: skip


async def metric(ask: Ask, looks: Looks) -> Reply:
    """One metric over a stretch of time, from words, a metric's name or PromQL; the query is shown."""
    if (strange := unknown(ask)) and not ask.reading.promql:
        return strange
    if not ask.reading.promql:
        if ranks(ask) and not ask.reading.named.metric:
            return await ranking(ask, looks)
        if compares(ask) and (told := await compared(ask, looks)):
            return told
    signals = await looks.see("watched_signals")
    if away := failed(signals):
        return away
    query = query_for(ask, signals.data)
    if isinstance(query, Reply):
        return query
    window = await window_of(ask, looks, ask.node)
    if window.missing:
        return Reply(
            kind="refused", text=f"{window.missing} Name another time, for example `last 1 h`."
        )
    look = await looks.see(
        "ask_metrics", promql=query.promql, since=window.since, until=window.until
    )
    if away := failed(look):
        return away
    focus = {"node": ask.node, "query": query.promql} if ask.node else {"query": query.promql}
    shown = look.evidence[0].query
    over = f"from {clock(window.since)} to {window.until:%H:%M:%S}"
    if not look.data:
        text = f"{query.title}: no value {over}. No data is not zero. Query: `{shown}`"
        return Reply(text=text, evidence=look.evidence, focus=focus, partial=True)
    ranked = sorted(look.data, key=lambda s: -float(np.nanmax(s.values)) if s.values.size else 0.0)
    charts, rows = [], []
    for series in ranked[:SHOWN]:
        name = (
            ", ".join(f"{k}={v}" for k, v in sorted(series.labels.items()) if k != "__name__")
            or "all"
        )
        finite = series.values[np.isfinite(series.values)]
        if not finite.size:
            continue
        peak = series.times[np.isfinite(series.values)][int(np.argmax(finite))]
        rows.append(
            (
                name,
                number(float(finite[-1]), query.unit),
                number(float(finite.min()), query.unit),
                number(float(np.mean(finite)), query.unit),
                number(float(finite.max()), query.unit),
                f"{moment(float(peak)):%H:%M:%S}",
            )
        )
        charts.append(
            chart(
                f"{query.title} ({name})",
                series.values.tolist(),
                query.unit,
                window.since,
                window.until,
            )
        )
    if not rows:
        text = f"{query.title}: no value {over} (nothing to divide by). Query: `{shown}`"
        return Reply(text=text, evidence=look.evidence, focus=focus, partial=True)
    first = rows[0]
    lead = f"{query.title}: now {first[1]}, highest {first[4]} at {first[5]}, {over}."
    if len(ranked) > 1:
        lead = f"{query.title}: {len(ranked)} series {over}; highest is {first[0]} with {first[4]}."
    note = f" {window.note}" if window.note else ""
    return Reply(
        text=f"{lead}{note} Query: `{shown}`",
        tables=(Table(columns=("series", "now", "least", "mean", "most", "at"), rows=tuple(rows)),),
        charts=tuple(charts),
        evidence=look.evidence,
        focus=focus,
        partial=look.partial,
    )


async def metrics(ask: Ask, looks: Looks) -> Reply:
    """Which metrics there are."""
    words = [w for w in re.findall(r"[a-z0-9_]+", ask.reading.text.lower()) if w not in ASKED]
    look = await looks.see("find_metrics", words=" ".join(words[:3]), at=ask.now)
    if away := failed(look):
        return away
    if not look.data:
        return Reply(text=f"There is no metric like {' '.join(words)!r}.", evidence=look.evidence)
    listed = ", ".join(look.data[:30])
    return Reply(text=f"{len(look.data)} metrics: {listed}.", evidence=look.evidence)
