"""Which nodes a trouble struck, measured in Prometheus and not by Chimera, to judge a blast radius by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median

from chimera.bench.ground.web import Web
from chimera.bench.trial.users import Points, around, series_of
from chimera.domain import ChimeraError
from chimera.domain.base import Value

ABOVE = 1.25  # of its usual level: less than that is nothing
AVERAGE = "sum by (service) (rate({0}_sum[20s])) / sum by (service) (rate({0}_count[20s]))"
ALL = "sum by (service) (rate(http_requests_total[20s]))"
BAD = 'sum by (service) (rate(http_requests_total{code=~"5.."}[20s]))'
# A label that names the node, a query, and how much above its usual worst is clearly felt.
SIGNS = (
    ("service", f"({BAD} or 0 * {ALL}) / {ALL}", 0.05),
    ("service", AVERAGE.format("http_request_duration_seconds"), 0.3),
    ("dataset", "max by (dataset) (dataset_freshness_seconds)", 30.0),
    ("dataset", "max by (dataset) (dataset_null_share)", 0.05),
    ("dataset", "max by (dataset) (dataset_duplicate_share)", 0.05),
    ("dataset", "max by (dataset) (dataset_late_rows)", 40.0),
    ("step", 'sum by (step) (rate(pipeline_runs_total{result="error"}[20s]))', 0.02),
)


class Struck(Value):
    """What was measured of the nodes: seen at all, worse than usual, and clearly so."""

    seen: frozenset[str] = frozenset()
    stirred: frozenset[str] = frozenset()
    clearly: frozenset[str] = frozenset()


class Claim(Value):
    """What a diagnosis says of a node downstream: hit, expected or spared."""

    name: str
    state: str


async def struck(prometheus: Web, injected: float, ended: float) -> Struck | None:
    """None if Prometheus could not be asked."""
    seen: set[str] = set()
    stirred: set[str] = set()
    clearly: set[str] = set()
    for label, query, felt in SIGNS:
        try:
            said = await around(prometheus, query, injected, ended)
        except ChimeraError:
            return None
        names = [row["metric"].get(label, "") for row in said["data"]["result"]]
        for name, points in zip(names, series_of(said), strict=True):
            before = [v for at, v in points if at < injected and math.isfinite(v)] or [0.0]
            seen.add(name)
            if lasts(points, injected, median(before) * ABOVE):
                stirred.add(name)
            if lasts(points, injected, max(before) + felt):
                clearly.add(name)
    return Struck(seen=frozenset(seen), stirred=frozenset(stirred), clearly=frozenset(clearly))


def lasts(points: Points, since: float, above: float) -> bool:
    """Whether two points in a row are above a value."""
    later = [value > above for at, value in points if at >= since and math.isfinite(value)]
    return any(one and two for one, two in pairwise(later))


def wrong_claims(
    claims: Iterable[Claim], measured: Struck, causes: Sequence[str], upstream: Mapping[str, str]
) -> tuple[str, ...]:
    """What a blast radius says that was not so, and what it does not say that was.

    A node that was clearly hit must be there, and not as spared; one that it calls hit must have
    been worse than usual, if anything is measured of it. `upstream` maps a dataset to the step that
    writes it: to name either is to name both.
    """
    said = {claim.name: claim.state for claim in claims}
    found = []
    for name in sorted(measured.clearly - {*causes, *(upstream.get(c, c) for c in causes)}):
        state = said.get(name) or said.get(upstream.get(name, ""))
        if state in (None, "spared"):
            found.append(f"{name} was hit, and it is {state or 'not named'}")
    for name, state in sorted(said.items()):
        if state == "hit" and name in measured.seen and name not in measured.stirred:
            found.append(f"{name} is said to be hit, and it was as usual")
    return tuple(found)
