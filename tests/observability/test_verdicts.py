"""What the newest samples say of a symptom."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from chimera.domain import SignalKind, Symptom
from chimera.platform.observability.symptoms import verdict

BACKLOG = Symptom(
    signal="backlog",
    kind=SignalKind.QUEUE,
    service="pay",
    query="backlog",
    low=0.0,
    high=10.0,
    began=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("backlog", "expected"),
    [
        ([900, 700, 500, 300, 200, 90], "mending"),
        ([900, 700, 500, 9, 9, 9], "healthy"),
        ([900, 880, 860, 840, 820, 800], "sick"),  # it falls, and nobody can wait that long
        ([900, 100, 100, 200, 300, 400], "sick"),  # it was better once
        ([900, 700, 100], "sick"),  # too short to tell
    ],
)
def test_a_queue_that_drains_is_on_its_way_back(backlog: list[float], expected: str) -> None:
    assert verdict(BACKLOG, np.array(backlog, float), np.ones(len(backlog), bool)) == expected
