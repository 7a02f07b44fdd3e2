"""The query for a metric that was asked for in words: of watched signals and real names only."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chimera.agents.chat.shape import Ask, Reply
from chimera.agents.chat.telling import UNITS
from chimera.agents.understanding.signals import quantile_in
from chimera.domain import Signal, SignalKind
from chimera.platform.observability.prometheus import equals
from chimera.platform.observability.queries import promql


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
