"""A graph with holes: who is called by nobody that is known is called by somebody."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.engine import Engine
from chimera.diagnosis.observed import Calls, Metrics, Observed, Target

USUAL, NOW = 300, 12
SERVICES = ("gate", "crane", "depot", "quay")
NAMES = ("http_requests", "http_errors")
WHOLE = frozenset({("gate", "crane"), ("crane", "depot"), ("quay", "crane")})


def port(failing: dict[str, float], edges: frozenset[tuple[str, str]]) -> Observed:
    """The gate calls the crane, which calls the depot; `failing` are errors an interval."""
    rng = np.random.default_rng(6)
    values = np.tile([[400.0], [1.0]], (len(SERVICES), 1))
    values = values * (1.0 + 0.05 * rng.standard_normal((len(values), USUAL + NOW)))
    for service, more in failing.items():
        values[2 * SERVICES.index(service) + 1, USUAL:] += more
    metrics = Metrics(
        tuple(s for s in SERVICES for _ in NAMES),
        NAMES * len(SERVICES),
        values[:, :USUAL],
        values[:, USUAL:],
    )
    return Observed(metrics, Calls(edges, "given"), Target("gate", NAMES[1]))


def test_a_call_that_the_graph_lacks_does_not_make_its_caller_the_cause() -> None:
    failing = {"gate": 40.0, "crane": 44.0, "depot": 50.0}
    for edges in (WHOLE, WHOLE - {("crane", "depot")}):
        assert Engine().rank(port(failing, edges)).services[0] == "depot"


def test_who_calls_what_the_target_calls_is_another_entrance_and_no_cause() -> None:
    """The quay, which the gate never calls, fails more often than the crane does to both."""
    failing = {"gate": 40.0, "crane": 44.0, "quay": 200.0}
    clues = {
        named.service: {clue.says for clue in named.clues if "callees do not explain" in clue.says}
        for named in Engine().rank(port(failing, WHOLE)).causes
    }
    assert clues["crane"]
    assert not clues["quay"]
