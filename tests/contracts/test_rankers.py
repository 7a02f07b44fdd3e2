"""One contract, over every ranker there is or will be, and over the engine that hears them all."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import chimera.diagnosis.rankers
from chimera.diagnosis.engine import Engine, rankers
from chimera.diagnosis.observed import Metrics, Observed
from chimera.diagnosis.voice import Ranker
from tests.diagnosis.harbour import harbour

Scores = dict[str, float]


def found() -> list[type[Ranker]]:
    """Every concrete ranker in the package, found by looking."""
    package = chimera.diagnosis.rankers
    names = [m.name for m in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    kinds = {
        kind
        for name in names
        for _, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if issubclass(kind, Ranker) and not inspect.isabstract(kind)
    }
    return sorted(kinds, key=lambda kind: kind.__name__)


every = pytest.mark.parametrize("kind", found())


def scores(kind: type[Ranker], seen: Observed) -> Scores:
    voice = kind().rank(seen)
    assert voice is not None
    return dict(voice.scores)


def same(one: Scores, other: Scores) -> None:
    assert one == pytest.approx({s: other[s] for s in one}, rel=1e-6, abs=1e-6)


def on_metrics(seen: Observed, change: Callable[[Metrics], Metrics]) -> Observed:
    return replace(seen, metrics=change(seen.metrics))


def test_the_engine_hears_every_ranker() -> None:
    assert {type(ranker) for ranker in rankers()} == set(found())
    assert len({kind.name for kind in found()}) == len(found()) >= 4


@every
def test_a_ranker_finds_what_it_looks_for(kind: type[Ranker]) -> None:
    told = scores(kind, harbour(sick="crane"))
    assert max(told, key=lambda s: told[s]) == "crane"
    assert set(told) == set(harbour(sick="crane").candidates())


@every
def test_the_order_of_columns_and_lines_changes_nothing(kind: type[Ranker]) -> None:
    seen = harbour(sick="crane")
    order = np.random.default_rng(1).permutation(len(seen.metrics.names))

    def shuffled(m: Metrics) -> Metrics:
        services = tuple(m.services[i] for i in order)
        names = tuple(m.names[i] for i in order)
        return Metrics(services, names, m.before[order], m.since[order])

    other = replace(on_metrics(seen, shuffled), lines_since=seen.lines_since[::-1])
    same(scores(kind, seen), scores(kind, other))


@every
def test_another_unit_changes_nothing(kind: type[Ranker]) -> None:
    def in_milliseconds(m: Metrics) -> Metrics:
        unit = np.array([1000.0 if "latency" in n else 1.0 for n in m.names])[:, None]
        return Metrics(m.services, m.names, m.before * unit, m.since * unit)

    seen = harbour(sick="crane")
    same(scores(kind, seen), scores(kind, on_metrics(seen, in_milliseconds)))


@every
def test_idle_series_change_nothing(kind: type[Ranker]) -> None:
    def with_idle(m: Metrics) -> Metrics:
        names = ("cpu_share", "latency_average_s", "requests_sum", "errors_sum") * 3
        services = tuple(f"idle-{i}" for i in range(3) for _ in range(4))
        before, since = (np.zeros((12, part.shape[1])) for part in (m.before, m.since))
        return Metrics(
            m.services + services,
            m.names + names,
            np.vstack([m.before, before]),
            np.vstack([m.since, since]),
        )

    seen = harbour(sick="crane")
    told, more = scores(kind, seen), scores(kind, on_metrics(seen, with_idle))
    same(told, more)
    assert all(more[s] == 0 for s in more if s.startswith("idle"))


@every
def test_missing_samples_and_empty_columns_are_borne(kind: type[Ranker]) -> None:
    def with_holes(m: Metrics) -> Metrics:
        before, since = m.before.copy(), m.since.copy()
        before[:, ::7] = np.nan
        since[:, 1] = np.nan
        before[3] = np.nan
        return Metrics(m.services, m.names, before, since)

    told = scores(kind, on_metrics(harbour(sick="crane"), with_holes))
    assert np.isfinite(list(told.values())).all()


@every
def test_nothing_to_look_at_is_no_voice(kind: type[Ranker]) -> None:
    nothing = Observed(Metrics((), (), np.empty((0, 0)), np.empty((0, 0))))
    assert kind().rank(nothing) is None


@pytest.mark.parametrize("seed", range(5))
def test_no_change_anywhere_gives_no_cause(seed: int) -> None:
    assert Engine(false_alarms=0.01).rank(harbour(seed=seed)).no_cause


def test_the_cause_is_named_with_its_kind_metric_and_graph() -> None:
    seen = harbour(sick="crane")
    assert Engine().rank(seen).heard[-1] == "changes"
    ranking = Engine().rank(replace(seen, changes={}))
    assert ranking.services[0] == "crane"
    assert not ranking.no_cause
    assert ranking.confidence > 0.8
    assert ranking.causes[0].kind == "cpu"
    assert "cpu_share" in ranking.causes[0].metrics
    assert ranking.graph == "given"
    assert set(ranking.heard) == {"metrics", "volume", "traces", "logs"}


def test_names_of_services_play_no_part() -> None:
    from chimera.bench.rootcause.rename import rename

    seen = harbour(sick="crane")
    other, old = rename(seen, seed=3)
    there = [old[name] for name in Engine().rank(other).services]
    assert there[:3] == list(Engine().rank(seen).services[:3])


def test_without_a_graph_one_is_learnt_from_traces_or_done_without() -> None:
    from chimera.diagnosis.observed import Calls

    blind = replace(harbour(sick="crane"), calls=Calls())
    assert Engine().rank(blind).graph == "traces"
    bare = replace(blind, spans_before=None, spans_since=None)
    ranking = Engine().rank(bare)
    assert ranking.graph == "none"
    assert ranking.services[0] == "crane"
    assert any("who calls whom" in look for look in ranking.look_next)
