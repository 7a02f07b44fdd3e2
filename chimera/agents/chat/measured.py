"""Numbers: one metric over time, service levels, what runs out."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import UNITS, chart, clock, failed, number, spent, unknown
from chimera.agents.chat.window import window_of
from chimera.agents.understanding.signals import quantile_in
from chimera.domain import Signal, SignalKind, moment
from chimera.platform.observability.prometheus import equals
from chimera.platform.observability.signals import promql
from chimera.platform.slo import Budget

SHOWN = 5  # series
ASKED = frozenset((
    "which", "what", "metrics", "metric", "names", "name", "are", "is", "there", "a", "an", "for",
    "about", "like", "called", "show", "list", "find", "search", "exist", "do", "you", "we",
    "have", "know", "all", "the", "me", "can", "i", "ask", "query", "with", "of",
))  # fmt: skip


@dataclass(frozen=True)
class Query:
    """PromQL that was made from words, its unit and what it shows."""

    promql: str
    title: str
    unit: str = ""


def query_for(ask: Ask, signals: tuple[Signal, ...]) -> Query | Reply:
    """The query for what was asked. Made of watched signals and real names, never of free text."""
    reading, node = ask.reading, ask.node
    if reading.promql:
        return Query(reading.promql, reading.promql)
    if metric := reading.named.metric:
        return metric_query(metric, node, signals)
    kind = reading.kind or (
        SignalKind.LATENCY if re.search(r"\bslow|fast\b", reading.text) else None
    )
    if kind is None:
        kinds = ", ".join(dict.fromkeys(s.kind.value for s in signals)) or "none"
        return Reply(kind="question", text=f"Which signal? These kinds are watched: {kinds}.")
    fitting = [s for s in signals if s.kind is kind]
    if not fitting:
        kinds = ", ".join(dict.fromkeys(s.kind.value for s in signals)) or "none"
        return Reply(
            kind="refused",
            text=f"No signal of the kind {kind.value} is watched; these are: {kinds}.",
        )
    quantile = quantile_in(reading.text)
    chosen = fitting[0]
    quantiles = [s for s in fitting if s.read == "quantile"]
    if quantile is not None and quantiles:
        chosen = quantiles[0].model_copy(
            update={"quantile": quantile, "name": f"p{quantile * 100:g}"}
        )
    elif quantile is not None:
        return Reply(
            kind="refused",
            text=f"No histogram of {kind.value} is watched, so there is no p{quantile * 100:g}.",
        )
    if not node:
        return Query(everywhere(chosen), f"{chosen.name} of every service", UNITS.get(kind, ""))
    if ask.known.is_data(node) or any(b in ("dataset", "step") for b in chosen.by):
        label = next((b for b in chosen.by if b in ("dataset", "step")), "")
        if label:
            return Query(
                by_label(chosen, label, node), f"{chosen.name} of {node}", UNITS.get(kind, "")
            )
    return Query(promql(chosen, node), f"{chosen.name} of {node}", UNITS.get(kind, ""))


def everywhere(signal: Signal) -> str:
    """The signal of every service at once: its query for one, without that one's name."""
    one = promql(signal, "\x00")
    return (
        re.sub(r",?" + re.escape(equals(signal.service_label, "\x00")), "", one)
        .replace("{,", "{")
        .replace("{}", "")
    )


def by_label(signal: Signal, label: str, name: str) -> str:
    one = promql(signal, "\x00", {label: name})
    return re.sub(re.escape(equals(signal.service_label, "\x00")) + r",?", "", one).replace(
        ",}", "}"
    )


def metric_query(metric: str, node: str, signals: tuple[Signal, ...]) -> Query:
    """A metric by its own name: counters as a rate, of a service where one is named."""
    label = next((s.service_label for s in signals if s.metric == metric), "service")
    chosen = f"{metric}{{{equals(label, node)}}}" if node else metric
    if metric.endswith(("_total", "_count", "_sum", "_bucket")):
        keep = f" by ({label})" if not node else ""
        return Query(f"sum{keep} (rate({chosen}[5m]))", f"{metric} a second", "/s")
    return Query(chosen, metric)


async def metric(ask: Ask, looks: Looks) -> Reply:
    """One metric over a stretch of time, from words, a metric's name or PromQL; the query is shown."""
    if (strange := unknown(ask)) and not ask.reading.promql:
        return strange
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
    rooms = sorted(
        rooms or look.data, key=lambda r: (r.left is None, r.left, -r.value / (r.limit or 1))
    )
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
                f"{r.signal} of {r.service} is {r.value:.3g} and reaches {r.limit:g} in {spent(r.left)}"
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
            f"{fullest.signal}, {fullest.value:.3g} of {fullest.limit:g}."
        )
    return Reply(
        text=lead,
        tables=(Table(columns=("what", "now", "limit", "reached in"), rows=rows),),
        evidence=look.evidence[:6],
        focus={"node": names[0]} if names else {},
        partial=look.partial,
    )
