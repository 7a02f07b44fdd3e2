"""What the normal hours never had makes a cause less sure; what walks is measured by its walk."""

from __future__ import annotations

import numpy as np
import pytest

from chimera.diagnosis.engine import Engine
from chimera.diagnosis.observed import Metrics, Observed, Trouble
from chimera.diagnosis.unseen import unseen_load
from chimera.diagnosis.walks import walked

SERVICES = tuple(f"berth-{i}" for i in range(10))
HOURS, NOW = 240, 6


def seen(more: dict[str, float], unit: float = 1.0, idle: int = 0) -> Metrics:
    """Requests and processor of every service; `more` is how much more is asked since the onset."""
    rng = np.random.default_rng(3)
    services, names, rows = [], [], []
    for service in (*SERVICES, *(f"idle-{i}" for i in range(idle))):
        level = 0.0 if service.startswith("idle") else 10.0 * unit
        asked = level * rng.gamma(50.0, 1 / 50.0, HOURS + NOW)
        asked[HOURS:] *= more.get(service, 1.0)
        busy = 0.2 * rng.gamma(50.0, 1 / 50.0, HOURS + NOW)
        busy[HOURS:] *= 4.0 if service == SERVICES[4] else 1.0
        services += [service, service]
        names += ["requests_per_second", "cpu_share"]
        rows += [asked, busy]
    values = np.array(rows)
    kinds = (Trouble.TRAFFIC, Trouble.CPU) * (len(rows) // 2)
    return Metrics(tuple(services), tuple(names), values[:, :HOURS], values[:, HOURS:], kinds)


def test_load_that_was_never_there_is_seen_in_any_unit_and_beside_idle_services() -> None:
    surge = dict.fromkeys(SERVICES, 3.0)
    assert unseen_load(seen({})) == 0.0
    assert unseen_load(seen(surge)) == 1.0
    assert unseen_load(seen(surge, unit=1e-3)) == 1.0
    assert unseen_load(seen(surge, idle=20)) == 1.0


def test_a_callee_that_is_asked_again_is_no_new_load() -> None:
    assert unseen_load(seen({SERVICES[3]: 3.0})) == pytest.approx(0.1)


def test_a_cause_is_less_sure_under_load_that_was_never_there() -> None:
    usual = Engine().rank(Observed(seen({})))
    surge = Engine().rank(Observed(seen(dict.fromkeys(SERVICES, 3.0))))
    assert usual.services[0] == surge.services[0] == SERVICES[4]
    assert surge.confidence < usual.confidence - 0.1
    assert surge.verdict == usual.verdict == "cause"


def test_a_step_counts_by_how_far_the_level_walks_in_minutes() -> None:
    rng = np.random.default_rng(5)
    still = 500.0 + 0.2 * rng.standard_normal(HOURS + NOW)
    restless = 500.0 + 40.0 * rng.standard_normal(HOURS + NOW)
    values = np.array([still, restless, still])
    values[:2, HOURS + 1 :] += 30.0
    before, since = values[:, :HOURS], values[:, HOURS:]
    level, rises = np.median(before, axis=1), np.ones(3, dtype=np.int64)
    stepped, lost, calm = walked(before, since, level, NOW, rises, 0.7)
    assert stepped > 2 * max(lost, calm)
