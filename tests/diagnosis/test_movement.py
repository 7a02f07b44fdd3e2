"""What drifts by itself: a leak climbs, a restart only comes back."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.movement import climbed, cut
from chimera.diagnosis.observed import Floats

RISES = np.array([1])
LENGTH = 10


def climb(since: Floats, before: Floats) -> tuple[float, float]:
    """The furthest climb of the trouble, and of the normal stretches, in spreads."""
    now, views = cut(since[None], LENGTH), cut(before[None], LENGTH)
    found = climbed(np.concatenate([now, views], axis=1), now.shape[1], RISES)
    return float(found[0, : now.shape[1]].max()), float(found[0, now.shape[1] :].max())


def restarting() -> Floats:
    """Level 0, and a restart that falls to -8 and is back 20 samples later."""
    before = np.zeros(120)
    before[50:70] = np.linspace(-8.0, 0.0, 20)
    return before


def test_a_leak_stands_out_beside_normal_hours_with_a_restart() -> None:
    leak, usual = climb(np.linspace(0.0, 6.0, LENGTH), restarting())
    assert (leak, usual) == (6.0, 0.0)


def test_coming_back_from_where_it_has_been_before_is_no_climb() -> None:
    assert climb(np.linspace(-6.0, 0.0, LENGTH), restarting())[0] == 0.0


def test_a_normal_restart_is_as_much_news_as_it_would_be_now() -> None:
    views = cut(restarting()[None], LENGTH)
    found = climbed(np.concatenate([views[:, :1], views], axis=1), 1, RISES, strangers=True)
    assert float(found[0, 1:].max()) > 3.0


def test_climbing_from_lower_than_ever_is_news() -> None:
    assert climb(np.linspace(-9.0, 0.0, LENGTH), restarting())[0] == 9.0


def test_a_long_leak_is_measured_from_the_onset_by_the_root_of_its_time() -> None:
    leak, _ = climb(np.linspace(0.0, 40.0, 4 * LENGTH), np.zeros(120))
    assert leak == 20.0


def test_another_level_on_another_day_is_no_climb() -> None:
    assert climb(np.full(LENGTH, 5.0), np.zeros(120))[0] == 0.0
