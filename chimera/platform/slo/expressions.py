"""An indicator as PromQL: the share of bad events over a span, and how many events there were.

No events is no data (NaN or nothing), never 0 % bad. Good events that are missing while there are
events at all are bad ones: a service that only fails exports no counter of successes.
"""

from __future__ import annotations

import re

from chimera.domain.objectives import FreshnessIndicator, LatencyIndicator, Objective
from chimera.platform.observability.prometheus import selector
from chimera.platform.slo.burn import spelled

STEPS = 1000  # of a subquery over a long span, at most


def bad_share(slo: Objective, span: float, interval: float) -> str:
    """The share of bad events over the last `span` seconds."""
    over = spelled(span)
    match slo.indicator:
        case FreshnessIndicator() as fresh:
            step = spelled(max(interval, round(span / STEPS)))
            stale = f"max({selector(fresh.metric, fresh.where)}) > bool {fresh.threshold:g}"
            return f"avg_over_time(({stale})[{over}:{step}])"
        case LatencyIndicator():
            good, total = counters(slo)
            quick = f"sum(rate({good}[{over}]))"
        case _:
            good, total = counters(slo)
            quick = f"(sum(rate({good}[{over}])) or 0 * sum(rate({total}[{over}])))"
    # Counters of one target are read at one moment, those of several are not: never below 0.
    return f"clamp_min(1 - {quick} / sum(rate({total}[{over}])), 0)"


def events(slo: Objective, span: float, interval: float) -> str:
    """How many events were counted over the last `span` seconds; of a dataset, how many looks."""
    over = spelled(span)
    if isinstance(slo.indicator, FreshnessIndicator):
        fresh = slo.indicator
        step = spelled(max(interval, round(span / STEPS)))
        return f"count_over_time(max({selector(fresh.metric, fresh.where)})[{over}:{step}])"
    return f"sum(increase({counters(slo)[1]}[{over}]))"


def presence(slo: Objective) -> str:
    """Is there any sample: used to see how far back the data goes."""
    if isinstance(slo.indicator, FreshnessIndicator):
        return f"count({selector(slo.indicator.metric, slo.indicator.where)})"
    return f"count({counters(slo)[1]})"


def counters(slo: Objective) -> tuple[str, str]:
    """The selectors of good and of all events."""
    indicator = slo.indicator
    if isinstance(indicator, LatencyIndicator):
        # Clients write whole numbers as 1 or as 1.0.
        text = re.escape(f"{indicator.threshold:g}").replace("\\", "\\\\")
        edge = f'le=~"{text}(\\\\.0)?"'
        good = selector(f"{indicator.histogram}_bucket", *_parts(indicator.where), edge)
        return good, selector(f"{indicator.histogram}_count", *_parts(indicator.where))
    assert not isinstance(indicator, FreshnessIndicator)
    return indicator.good, indicator.total


def _parts(where: str) -> tuple[str, ...]:
    return (where,) if where.strip() else ()
