"""What Prometheus is asked for a signal: its raw samples, and the query that a person opens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from chimera.domain import Signal
from chimera.platform.observability.prometheus import equals, selector


def selectors(signal: Signal) -> dict[str, str]:
    """The raw selectors a signal is made of, by the role each plays."""
    if signal.read == "mean":
        parts = {"top": f"{signal.metric}_sum", "per": f"{signal.metric}_count"}
        return {role: selector(name, signal.where) for role, name in parts.items()}
    if signal.read == "quantile":
        return {"top": selector(f"{signal.metric}_bucket", signal.where)}
    found = {"top": selector(signal.metric, signal.where)}
    if signal.per:
        found["per"] = selector(signal.per, signal.per_where)
    return found


def promql(
    signal: Signal,
    service: str,
    labels: Mapping[str, str] | None = None,
    *,
    step: timedelta = timedelta(seconds=5),
) -> str:
    """The query that a person opens to see (nearly) the same series."""
    wanted = [equals(signal.service_label, service)]
    wanted += [equals(k, v) for k, v in sorted((labels or {}).items())]
    window = f"[{max(int(step.total_seconds() * 4), 1)}s]"
    keep = ", ".join((signal.service_label, *signal.by))

    def total(metric: str, where: str, over: str = "") -> str:
        chosen = selector(metric, where, *wanted)
        inner = f"rate({chosen}{window})" if over == "rate" else chosen
        words = {"sum": "sum", "max": "max", "mean": "avg"}
        how = "sum" if over == "rate" else words[signal.combine]
        return f"{how} by ({keep}) ({inner})"

    if signal.read == "expiry":
        soonest = f"min by ({keep}) ({selector(signal.metric, signal.where, *wanted)})"
        return _scaled(f"{soonest} - time()", signal.scale)
    if signal.read == "rate":
        return _scaled(total(signal.metric, signal.where, "rate"), signal.scale)
    if signal.read == "mean":
        top = total(f"{signal.metric}_sum", signal.where, "rate")
        per = total(f"{signal.metric}_count", signal.where, "rate")
        return _scaled(f"{top} / {per}", signal.scale)
    if signal.read == "quantile":
        chosen = selector(f"{signal.metric}_bucket", signal.where, *wanted)
        rates = f"sum by ({keep}, le) (rate({chosen}{window}))"
        return _scaled(f"histogram_quantile({signal.quantile:g}, {rates})", signal.scale)
    if signal.read == "ratio" and signal.per:
        top = total(signal.metric, signal.where, "rate")
        per = total(signal.per, signal.per_where, "rate")
        return _scaled(f"({top} or {per} * 0) / {per}", signal.scale)
    if signal.per:
        top = total(signal.metric, signal.where)
        return _scaled(f"{top} / {total(signal.per, signal.per_where)}", signal.scale)
    return _scaled(total(signal.metric, signal.where), signal.scale)


def _scaled(query: str, scale: float) -> str:
    return query if scale == 1.0 else f"({query}) * {scale:g}"
