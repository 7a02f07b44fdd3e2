"""What is left of an error budget, asked of a real Prometheus."""

from __future__ import annotations

import pytest

from chimera.domain.objectives import Objective
from chimera.platform.observability import Prometheus
from chimera.platform.slo import Budget, read_budget
from tests.observability.conftest import Target, until

SHOP = Objective.model_validate(
    {
        "name": "shop",
        "node": "shop",
        "objective": 0.9,
        "window": "2m",
        "indicator": {
            "kind": "ratio",
            "good": 'requests_total{code="200"}',
            "total": "requests_total",
        },
    }
)


async def test_the_budget_is_what_was_measured_and_no_data_is_no_data(
    prometheus: Prometheus, target: Target
) -> None:
    nothing = await read_budget(prometheus, SHOP, 1.0)
    assert (nothing.state, nothing.left, nothing.bad, nothing.events) == ("no data",) + (None,) * 3

    found: Budget = nothing
    target.lines = {'requests_total{code="200"}': 0.0, 'requests_total{code="500"}': 0.0}

    async def measured() -> bool:
        nonlocal found
        target.lines['requests_total{code="200"}'] += 39
        target.lines['requests_total{code="500"}'] += 1
        found = await read_budget(prometheus, SHOP, 1.0)
        return (found.events or 0) > 100 and found.since is not None

    await until(measured, 30)
    assert found.bad == pytest.approx(1 / 40, rel=0.01)
    assert found.left == pytest.approx(1 - 0.025 / 0.1, abs=0.01)
    assert found.state == "ok"
    assert found.since is not None
    assert (found.at - found.since).total_seconds() < 60  # younger than the window, and says so
    assert found.burn

    async def spent() -> bool:
        target.lines['requests_total{code="500"}'] += 200
        return (await read_budget(prometheus, SHOP, 1.0)).state == "spent"

    await until(spent, 30)
