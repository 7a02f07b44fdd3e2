from __future__ import annotations

from datetime import datetime, timedelta

from chimera.domain import Evidence, Principal, Refused
from chimera.platform.access import MetricNames, checked_promql
from chimera.platform.observability.prometheus import Prometheus
from chimera.tools.base import Look, evidence_id, tool
from chimera.tools.query_metrics import line

POINTS = 120
SERIES = 20


@tool
async def ask_metrics(
    promql: str,
    since: datetime,
    until: datetime,
    *,
    who: Principal,
    names: MetricNames,
    prometheus: Prometheus,
) -> Look:
    """Run a PromQL query over a stretch of time, after a check: Prometheus' own parser must take
    it, and every metric, label and value in it must exist. Unknown names are refused with near
    ones. The query as it was run is in the evidence."""
    if until <= since:
        raise Refused(f"cannot ask: `until` {until:%H:%M:%S} is not after `since`")
    written = await checked_promql(promql, names, until)
    step = max((until - since) / POINTS, timedelta(seconds=1))
    answer = await prometheus.range(written, since, until, step)
    more = len(answer.series) - SERIES
    claim = (
        f"{len(answer.series)} series between {since:%Y-%m-%d %H:%M:%S} and {until:%H:%M:%S} UTC"
    )
    evidence = Evidence(
        id=evidence_id("ask_metrics", written, since, until),
        tool="ask_metrics",
        claim=claim if answer.series else "the query has no value in that time",
        query=written,
        began=since,
        ended=until,
        excerpt="\n".join(line(s) for s in answer.series[:SERIES])
        + (f"\n[{more} more series]" if more > 0 else ""),
        link=prometheus.link(written, until - since),
        untrusted=True,  # label values are written by whoever exports them
        partial=answer.partial,
    )
    return Look((evidence,), answer.series, answer.partial)
