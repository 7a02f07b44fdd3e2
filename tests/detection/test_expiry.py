"""A certificate that runs out is told days before, once, and taken back when it is renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from chimera.detection.base import Floats
from chimera.detection.watch import Watcher, WatchState
from chimera.domain import Anomaly, Signal, SignalKind
from chimera.platform.observability.grid import Grid
from chimera.platform.observability.prometheus import RawSeries
from chimera.platform.observability.queries import promql, selectors
from chimera.platform.observability.signals import PATIENCE, block_of

DAY = 86400.0
START = datetime(2026, 3, 1, tzinfo=UTC)
STEP = timedelta(seconds=60)
CERTIFICATE = Signal(
    name="certificate", kind=SignalKind.OTHER, read="expiry", metric="cert_not_after", bad="down",
    limit=0.0, floor=DAY, horizon=14 * DAY, by=("cn",),
)  # fmt: skip


def raw(
    expiry: npt.ArrayLike, times: npt.ArrayLike, cn: str = "shop", instance: str = "a"
) -> RawSeries:
    labels = {"__name__": "cert_not_after", "service": "edge", "cn": cn, "instance": instance}
    return RawSeries(labels, np.asarray(times, np.float64), np.asarray(expiry, np.float64))


def followed(expiry: Floats, looks: range, history: int = 60) -> list[tuple[Anomaly, ...]]:
    """What each look found of a certificate whose moment of expiry is given for each minute."""
    times = START.timestamp() + 60.0 * np.arange(expiry.size)
    watcher, state, found = Watcher([CERTIFICATE]), WatchState(), []
    for end in looks:
        grid = Grid(START + STEP * (end - history), STEP, history)
        read = {selectors(CERTIFICATE)["top"]: [raw(expiry[:end], times[:end])]}
        watched = watcher.advance(block_of((CERTIFICATE,), read, grid), state)
        state = WatchState.model_validate_json(watched.state.model_dump_json())
        found.append(watched.anomalies)
    return found


def test_it_is_told_once_weeks_before_and_taken_back_when_renewed() -> None:
    minutes, renewed = 520, 480
    expiry = np.full(minutes, START.timestamp() + 14 * DAY + 130 * 60.0)
    expiry[renewed:] += 90 * DAY
    looks = range(61, minutes)
    found = followed(expiry, looks)
    told = [end for end, seen in zip(looks, found, strict=True) if any(not a.over for a in seen)]
    assert told == list(range(told[0], told[-1] + 1)), "it never lets go: a new usual it is not"
    assert 130 <= told[0] <= 136
    assert renewed <= told[-1] <= renewed + 8
    assert len({a.id for seen in found for a in seen}) == 1
    first, last = found[told[0] - 61][0], found[told[-1] + 1 - 61][0]
    assert first.foreseen == "expires in 14 d"
    assert (last.over, last.foreseen) == (True, "expires in 104 d")
    assert found[-1] == ()


@pytest.mark.parametrize("days", [15, 60, 400])
def test_what_has_time_is_not_told(days: int) -> None:
    expiry = np.full(200, START.timestamp() + days * DAY)
    assert set(followed(expiry, range(61, 200, 3))) == {()}


def test_the_first_of_several_counts_and_probes_may_be_seldom() -> None:
    grid = Grid(START, timedelta(seconds=15), 60)
    times = START.timestamp() - 60.0 + 120.0 * np.arange(8)
    ends = np.array([9.0, 30.0, 0.0])[:, None] * DAY + START.timestamp() * np.array([[1], [1], [0]])
    given = [raw(np.full(8, end[0]), times, instance=str(n)) for n, end in enumerate(ends)]
    block = block_of((CERTIFICATE,), {selectors(CERTIFICATE)["top"]: given}, grid)
    assert block.scraped is not None
    assert block.scraped.all(), "a sample counts for five minutes"
    np.testing.assert_allclose(block.values[0], 9 * DAY - 15.0 * np.arange(60))
    gone = [raw(one.values[:2], one.times[:2]) for one in given]
    block = block_of((CERTIFICATE,), {selectors(CERTIFICATE)["top"]: gone}, grid)
    assert np.isnan(block.values[0, int((60 + PATIENCE) / 15) + 1 :]).all()


def test_a_person_opens_the_seconds_that_are_left() -> None:
    assert promql(CERTIFICATE, "edge", {"cn": "shop"}) == (
        'min by (service, cn) (cert_not_after{service="edge",cn="shop"}) - time()'
    )
