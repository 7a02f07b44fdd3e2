"""Burn rates for priorities, asked of a real Prometheus."""

from __future__ import annotations

from chimera.flows.burns import Burns
from chimera.platform.observability import Prometheus
from tests.observability.conftest import Target, until
from tests.observability.test_slo_budget import SHOP


async def test_a_node_burns_while_both_windows_of_an_alert_say_so(
    prometheus: Prometheus, target: Target
) -> None:
    assert await Burns(prometheus, [], 1.0)() == {}
    target.lines = {'requests_total{code="200"}': 0.0, 'requests_total{code="500"}': 0.0}
    found: dict[str, float] = {}

    async def burns() -> bool:
        target.lines['requests_total{code="200"}'] += 1
        target.lines['requests_total{code="500"}'] += 9
        found.update(await Burns(prometheus, [SHOP], 1.0)())
        return bool(found)

    await until(burns, 40)
    assert set(found) == {"shop"}
    assert 1.0 < found["shop"] <= 10.0  # nine of ten are bad, one of ten may be
