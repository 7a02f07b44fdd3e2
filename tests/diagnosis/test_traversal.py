"""PetShop's graph traversal, the rival: what its paper says it does."""

from __future__ import annotations

import numpy as np

from chimera.bench.rootcause.traversal import ranked, traversal
from chimera.diagnosis.observed import Calls, Metrics, Observed, Target

EDGES = frozenset({("a", "b"), ("b", "c"), ("a", "d"), ("e", "f")})


def seen(*bad: str) -> Observed:
    """Latencies around 1 to 3, and of those who are `bad` 100 times that from the third sample on."""
    services = tuple("abcdef")
    before = np.tile(np.linspace(1.0, 3.0, 50), (6, 1))
    since = np.full((6, 5), 2.0)
    for service in bad:
        since[services.index(service), 2:] = 200.0
    return Observed(
        Metrics(services, ("latency",) * 6, before, since), Calls(EDGES), Target("a", "latency")
    )


def test_roots_are_abnormal_services_without_abnormal_callees_that_reach_the_target() -> None:
    found = traversal(seen("a", "b", "d", "f"))
    assert set(found) == {"b", "d"}  # f is abnormal, but not on a way to the target
    assert found["b"] == found["d"]
    assert set(traversal(seen("a", "c"))) == {"a"}  # b, as usual, breaks the way to c


def test_a_longer_abnormal_way_weighs_more() -> None:
    assert ranked(traversal(seen("a", "b", "c", "d")), "d", lost=True) == ["c", "d"]


def test_a_target_as_usual_names_nobody_and_ties_are_lost_or_won() -> None:
    assert traversal(seen("b")) == {}
    tied = traversal(seen("a", "b", "d"))
    assert ranked(tied, "b", lost=True) == ["d", "b"]
    assert ranked(tied, "b", lost=False) == ["b", "d"]
