"""Systems that nobody has seen: other names, sampling, sizes, holes, and every kind of fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from chimera.diagnosis.engine import Engine, Ranking
from chimera.diagnosis.observed import Calls, Metrics, Observed
from tests.diagnosis.foreign import System
from tests.diagnosis.harbour import harbour

SEEDS = range(4)


def right(system: System, fault: str) -> list[bool]:
    found = []
    for seed in SEEDS:
        seen, cause = system.observe(fault, seed)
        found.append(Engine().rank(seen).services[0] == cause)
    return found


@pytest.mark.parametrize("fault", ["cpu", "latency", "down"])
@pytest.mark.parametrize(
    "system",
    [System(), System(naming=1), System(naming=2), System(step=300, usual=280, now=5)],
    ids=["dotted", "camel", "snake", "five minutes"],
)
def test_the_cause_is_found_whatever_names_and_sampling(system: System, fault: str) -> None:
    assert sum(right(system, fault)) >= len(SEEDS) - 1


def test_names_that_say_nothing_cost_something_but_not_all() -> None:
    system = System(naming=None)
    assert sum(right(system, "cpu") + right(system, "down")) >= 2 * len(SEEDS) - 3


@pytest.mark.parametrize(
    "system",
    [
        System(),
        System(naming=None),
        System(step=300, usual=280),
    ],
    ids=["named", "nameless", "five minutes"],
)
def test_without_a_fault_no_cause_is_named(system: System) -> None:
    said = [Engine().rank(system.observe(None, seed)[0]).no_cause for seed in range(160)]
    assert sum(said) >= 0.9 * len(said)


def test_without_normal_data_there_is_not_enough_evidence_and_it_says_what_is_missing() -> None:
    seen, _ = System().observe("cpu", 1)
    m = seen.metrics
    ranking = Engine().rank(
        replace(seen, metrics=Metrics(m.services, m.names, m.before[:, :0], m.since))
    )
    assert ranking.verdict == "not_enough"
    assert any("normal hours" in look for look in ranking.look_next)


def test_raw_counters_are_read_as_what_they_grew_by() -> None:
    seen, cause = System().observe("cpu", 2)
    m = seen.metrics
    counts = np.array(["cpu" in name for name in m.names])[:, None]
    before, since = (np.where(counts, np.cumsum(p, axis=1), p) for p in (m.before, m.since))
    names = tuple(f"{name}_total" if "cpu" in name else name for name in m.names)
    raw = Metrics(m.services, names, before, since)
    ranking = Engine().rank(replace(seen, metrics=raw))
    assert ranking.services[0] == cause
    assert ranking.causes[0].kind == "cpu"


def test_empty_and_constant_columns_change_nothing() -> None:
    seen, cause = System().observe("cpu", 2)
    m = seen.metrics
    empty = np.full((2, m.before.shape[1]), np.nan), np.full((2, m.since.shape[1]), np.nan)
    still = np.ones((2, m.before.shape[1])), np.ones((2, m.since.shape[1]))
    more = Metrics(
        (*m.services, "svc-1", "svc-2", "svc-3", "svc-4"),
        (*m.names, "cpu_empty", "cpu_empty", "cpu_still", "cpu_still"),
        np.vstack([m.before, empty[0], still[0]]),
        np.vstack([m.since, empty[1], still[1]]),
    )
    told, usual = Engine().rank(replace(seen, metrics=more)), Engine().rank(seen)
    assert told.services[0] == usual.services[0] == cause
    scores = {named.service: named.score for named in usual.causes}
    assert {named.service: named.score for named in told.causes} == pytest.approx(scores)


def two(one: Observed, other: Observed, service: str) -> Ranking:
    """The first, with what the other shows of one service."""
    m, n = one.metrics, other.metrics
    since = m.since.copy()
    for i, name in enumerate(m.services):
        if name == service:
            since[i] = n.since[i]
    calls = Calls(frozenset({("gate", "crane"), ("gate", "depot")}), "given")
    return Engine().rank(Observed(Metrics(m.services, m.names, m.before, since), calls, one.target))


def test_two_causes_that_do_not_explain_each_other_are_both_named() -> None:
    ranking = two(harbour(sick="crane"), harbour(sick="depot"), "depot")
    assert set(ranking.together) == {"crane", "depot"}
    alone = Engine().rank(replace(harbour(sick="crane"), changes={}))
    assert alone.together == ("crane",)


def test_a_release_just_before_explains_a_symptom_and_one_elsewhere_does_not() -> None:
    seen, cause = System().observe("latency", 1)
    other = next(s for s in seen.candidates() if s != cause)
    changed = Engine().rank(replace(seen, changes={cause: (60.0, "release 2 replaced 1")}))
    assert (changed.services[0], changed.causes[0].kind) == (cause, "release")
    elsewhere = Engine().rank(replace(seen, changes={other: (60.0, "setting x is 3")}))
    assert elsewhere.services[0] == cause
    late = Engine().rank(replace(seen, changes={cause: (-60.0, "release 2 replaced 1")}))
    assert late.causes[0].kind == "latency"


def test_more_requests_than_ever_are_told_as_a_cause_from_outside() -> None:
    seen = harbour()
    m = seen.metrics
    busy = np.where([["requests" in name] for name in m.names], m.since * 3, m.since)
    ranking = Engine().rank(replace(seen, metrics=Metrics(m.services, m.names, m.before, busy)))
    assert any(text.startswith("traffic") for text in ranking.external)
    assert Engine().rank(seen).external == ()
