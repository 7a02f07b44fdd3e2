"""What goes on rising, and what only rose."""

from __future__ import annotations

import numpy as np
import pytest

from chimera.diagnosis.case import Watched
from chimera.diagnosis.leaks import leaks
from chimera.domain import SignalKind

USUAL = [57.0, 58.0, 57.0, 57.0] * 10


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ([88, 122, 156, 190], True),  # a third of its limit each ten seconds
        ([95, 95, 95, 95], False),  # it rose once and stays
        ([80, 95, 103, 106], False),  # it warms up
        ([88, 122, 156, 40], False),  # it was given back
        ([88, 122, float("nan"), 190], False),  # not seen
        ([57.5, 58, 58.5, 59], False),  # not far
        (list(np.linspace(60, 120, 24)), True),
    ],
)
def test_what_goes_on_rising_is_told_from_what_rose(since: list[float], expected: bool) -> None:
    series = Watched(
        "memory",
        SignalKind.MEMORY,
        "web",
        np.array(USUAL),
        np.array(since, dtype=np.float64),
        onset=0.0,
        step=5.0,
        bad="up",
        floor=5.0,
    )
    assert leaks(series, 3.0, 3.0) is expected
