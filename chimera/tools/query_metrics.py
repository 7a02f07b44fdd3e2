from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chimera.domain import Evidence, Principal
from chimera.platform.observability.prometheus import Prometheus, RawSeries
from chimera.tools.base import Look, evidence_id, tool

POINTS = 60  # of a graph that fits an excerpt
SERIES = 20


@tool
async def query_metrics(
    promql: str,
    minutes: int = 15,
    until: datetime | None = None,
    *,
    who: Principal,
    prometheus: Prometheus,
) -> Look:
    """Evaluate any PromQL expression over the last minutes. Use for rates, ratios and saturation."""
    ended = until or datetime.now(UTC)
    window = timedelta(minutes=max(1, minutes))
    began = ended - window
    answer = await prometheus.range(promql, began, ended, window / POINTS)
    shown = "\n".join(line(series) for series in answer.series[:SERIES])
    more = len(answer.series) - SERIES
    claim = f"{len(answer.series)} series match {promql}"
    evidence = Evidence(
        id=evidence_id("query_metrics", promql, began, ended),
        tool="query_metrics",
        claim=claim if answer.series else f"no series matches {promql}",
        query=promql,
        began=began,
        ended=ended,
        excerpt=shown + (f"\n[{more} more series]" if more > 0 else ""),
        link=prometheus.link(promql, window),
        partial=answer.partial,
    )
    return Look((evidence,), answer.series, answer.partial)


def line(series: RawSeries) -> str:
    """One series: its labels, its range and its newest value."""
    labels = ", ".join(f"{k}={v}" for k, v in sorted(series.labels.items()))
    low, high = float(series.values.min()), float(series.values.max())
    return f"{{{labels}}} now {series.values[-1]:.4g}, between {low:.4g} and {high:.4g}"
