"""What is lost on the way to a service: its callers wait, and it sees nothing of it."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.engine import Engine
from chimera.diagnosis.losses import losing
from chimera.diagnosis.movement import fallen
from chimera.diagnosis.observed import Calls, Metrics, Observed, Target

USUAL, NOW = 300, 12
EDGES = frozenset({("gate", "crane"), ("crane", "depot")})


def port(
    lost: float, name: str = "tcp_retransmits", edges: frozenset[tuple[str, str]] = EDGES
) -> Observed:
    """The crane waits for the depot, which answers as fast as ever; `lost` packets on the way."""
    rng = np.random.default_rng(4)
    names = ("http_duration_avg", "http_requests", name)
    level = {"gate": (0.3, 50.0, 2.0), "crane": (0.2, 50.0, 2.0), "depot": (0.02, 50.0, 2.0)}
    rows = np.array([v for levels in level.values() for v in levels])[:, None]
    values = rows * (1.0 + 0.05 * rng.standard_normal((len(rows), USUAL + NOW)))
    values[[0, 3], USUAL:] += 0.6
    values[8, USUAL:] += lost
    metrics = Metrics(
        tuple(s for s in level for _ in names),
        names * len(level),
        values[:, :USUAL],
        values[:, USUAL:],
    )
    return Observed(metrics, Calls(edges, "given"), Target("gate", names[0]))


def test_losses_beyond_all_before_are_found_and_bytes_are_none() -> None:
    assert losing(port(40.0).metrics) == {"depot"}
    assert losing(port(0.0).metrics) == frozenset()
    assert losing(port(40.0, name="network_receive_bytes").metrics) == frozenset()


def test_who_waits_on_a_lossy_way_is_not_the_cause() -> None:
    assert Engine().rank(port(0.0)).services[0] == "crane"
    assert Engine().rank(port(40.0)).services[0] == "depot"


def test_a_hole_in_the_graph_does_not_hide_it() -> None:
    known = frozenset({("gate", "crane")})
    ranking = Engine().rank(port(40.0, edges=known))
    assert ranking.services[0] == "depot"


def test_a_fall_is_as_far_as_the_rise_of_the_same_ratio_and_ends_somewhere() -> None:
    level, spread = np.array([[100.0]]), np.array([[10.0]])
    z = np.array([[0.0, 2.0, -9.0, -10.0, -5.0]])
    found = fallen(z, level, spread)
    assert found[0, :2].tolist() == [0.0, 2.0]
    np.testing.assert_allclose(found[0, 2:], 10 * np.log([0.1, 0.01, 0.5]))
    np.testing.assert_array_equal(fallen(z, -level, spread), z)
