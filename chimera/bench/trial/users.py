"""When users were hit, measured in Prometheus and not by Chimera's detection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from chimera.bench.ground.web import Web
from chimera.domain import ChimeraError

FACES = 'service=~"storefront|dashboard"'  # what customers and the management see
ERRORS = (
    f'sum by (service) (rate(http_requests_total{{{FACES},code=~"5.."}}[20s]))'
    f" / sum by (service) (rate(http_requests_total{{{FACES}}}[20s]))"
)
LATENCY = (
    f"sum by (service) (rate(http_request_duration_seconds_sum{{{FACES}}}[20s]))"
    f" / sum by (service) (rate(http_request_duration_seconds_count{{{FACES}}}[20s]))"
)
AGE = f"max by (dataset) (dataset_freshness_seconds{{{FACES}}})"
# A query, and how much above its usual value users feel: share, seconds, seconds.
FELT = ((ERRORS, 0.05), (LATENCY, 0.3), (AGE, 30.0))
USUAL_SECONDS = 60.0  # before the injection: the case before is over by then
STEP = 5.0

Points = list[tuple[float, float]]


async def users_hit(prometheus: Web, injected: float, ended: float) -> float | None:
    """The first moment (Unix seconds) at which a face of the estate was felt to be worse."""
    found: list[float] = []
    for query, felt in FELT:
        try:
            said = await around(prometheus, query, injected, ended)
        except ChimeraError:
            return None
        found += hits(series_of(said), injected, felt)
    return min(found, default=None)


async def around(prometheus: Web, query: str, injected: float, ended: float) -> Mapping[str, Any]:
    """A query's matrix from before an injection, with what was usual, to the case's end."""
    said: Mapping[str, Any] = await prometheus.get(
        "/api/v1/query_range",
        query=query,
        start=f"{injected - USUAL_SECONDS:.3f}",
        end=f"{ended:.3f}",
        step=f"{STEP:g}",
    )
    return said


def series_of(said: Mapping[str, Any]) -> list[Points]:
    """The points of every series in a Prometheus matrix; NaN is left out."""
    rows = said["data"]["result"]
    return [
        [(float(at), float(value)) for at, value in row["values"] if value != "NaN"] for row in rows
    ]


def hits(series: Iterable[Points], injected: float, felt: float) -> list[float]:
    """For each series the second of two points in a row that are `felt` above its usual worst."""
    found = []
    for points in series:
        usual = max((value for at, value in points if at < injected), default=0.0)
        later = [(at, value > usual + felt) for at, value in points if at >= injected]
        pairs = pairwise(later)
        first = next((at for (_, one), (at, two) in pairs if one and two), None)
        if first is not None:
            found.append(first)
    return found
