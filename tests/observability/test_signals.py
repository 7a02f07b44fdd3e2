"""Series from raw samples: gaps, resets, first errors, replicas, quantiles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from chimera.detection import Floats
from chimera.domain import Signal
from chimera.platform.observability.grid import Grid
from chimera.platform.observability.prometheus import RawSeries
from chimera.platform.observability.queries import promql, selectors
from chimera.platform.observability.signals import block_of

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=5)
POINTS = 24
TIMES = START.timestamp() - 20.0 + 1.7 + 5.0 * np.arange(POINTS + 4)  # a phase of one's own
TRAFFIC = Signal(name="traffic", read="rate", metric="http_requests_total")
ERRORS = Signal(
    name="errors",
    read="ratio",
    metric="http_requests_total",
    where='code=~"5.."',
    per="http_requests_total",
)


def raw(name: str, values: Floats | list[float], times: Floats = TIMES, **labels: str) -> RawSeries:
    named = {"__name__": name, "service": "orders", "instance": "orders-0", **labels}
    return RawSeries(named, times, np.asarray(values, dtype=np.float64))


def up(times: Floats = TIMES, **labels: str) -> RawSeries:
    return raw("up", np.ones(times.size), times, **labels)


def line(
    signal: Signal, top: list[RawSeries], *others: RawSeries, per: list[RawSeries] | None = None
) -> Floats:
    names = selectors(signal)
    read = {"up": list(others) or [up()], names["top"]: top}
    if per is not None:
        read[names["per"]] = per
    block = block_of((signal,), read, Grid(START, STEP, POINTS))
    assert len(block.keys) == 1
    assert block.scraped is not None
    return block.values[0]


def test_a_counter_becomes_a_rate() -> None:
    values = line(TRAFFIC, [raw("http_requests_total", 10.0 * np.arange(28))])
    np.testing.assert_allclose(values, 2.0)


def test_a_restart_of_a_counter_is_neither_negative_nor_huge() -> None:
    counted = 1000 + 10.0 * np.arange(28)
    counted[14:] = 10.0 * np.arange(14)
    values = line(TRAFFIC, [raw("http_requests_total", counted)])
    assert values.min() >= 0
    assert values.max() <= 2.0


def test_an_outage_of_thirty_seconds_shows_as_six_missing_points() -> None:
    kept = np.r_[0:12, 18:28]
    gauge = Signal(name="queue", metric="queue_length")
    values = line(gauge, [raw("queue_length", np.ones(22), TIMES[kept])], up(TIMES[kept]))
    assert np.isnan(values).sum() == 6


def test_the_first_error_of_a_process_counts() -> None:
    ok = raw("http_requests_total", 10.0 * np.arange(28), code="200")
    bad = raw("http_requests_total", [30.0, 30.0, 30.0], TIMES[-3:], code="500")
    values = line(ERRORS, [bad], per=[ok, bad])
    np.testing.assert_allclose(values[:-2], 0.0)
    np.testing.assert_allclose(values[-2:], [0.75, 0.0])


def test_without_traffic_a_ratio_has_no_value_and_is_still_scraped() -> None:
    idle = raw("http_requests_total", np.full(28, 7.0), code="200")
    read = {
        "up": [up()],
        'http_requests_total{code=~"5.."}': [],
        "http_requests_total": [idle],
    }
    block = block_of((ERRORS,), read, Grid(START, STEP, POINTS))
    assert np.isnan(block.values).all()
    assert block.scraped is not None
    assert block.scraped.all()


def test_replicas_add_up_and_a_missing_one_does_not_hide_the_other() -> None:
    one = raw("http_requests_total", 10.0 * np.arange(28))
    two = raw("http_requests_total", 5.0 * np.arange(14), TIMES[:14], instance="orders-1")
    values = line(TRAFFIC, [one, two], up(), up(TIMES[:14], instance="orders-1"))
    np.testing.assert_allclose(values[:10], 3.0)
    np.testing.assert_allclose(values[-10:], 2.0)


def test_a_share_of_two_gauges() -> None:
    pool = Signal(name="pool", metric="in_use", per="max")
    values = line(pool, [raw("in_use", np.full(28, 3.0))], per=[raw("max", np.full(28, 4.0))])
    np.testing.assert_allclose(values, 0.75)


def test_a_mean_and_a_quantile_of_a_histogram() -> None:
    n = np.arange(28.0)
    mean = Signal(name="mean", read="mean", metric="d")
    np.testing.assert_allclose(line(mean, [raw("d_sum", 3 * n)], per=[raw("d_count", 10 * n)]), 0.3)
    p95 = Signal(name="p95", read="quantile", metric="d", quantile=0.95)
    buckets = [raw("d_bucket", k * n, le=le) for k, le in ((5, "0.1"), (9, "0.5"), (10, "+Inf"))]
    np.testing.assert_allclose(line(p95, buckets), 0.5)  # beyond the last bound: its edge
    median = p95.model_copy(update={"quantile": 0.7})
    np.testing.assert_allclose(line(median, buckets), 0.3)


def test_a_restart_marks_the_service_as_settling() -> None:
    counted = np.r_[100.0 + np.arange(14), np.arange(14.0)]
    read = {"up": [up()], "http_requests_total": [raw("http_requests_total", counted)]}
    block = block_of((TRAFFIC,), read, Grid(START, STEP, POINTS))
    assert block.settling is not None
    assert np.flatnonzero(block.settling[0]).size == 3


def test_a_query_for_people_names_service_and_labels() -> None:
    fresh = Signal(name="f", metric="dataset_freshness_seconds", by=("dataset",), combine="max")
    assert promql(fresh, "dash", {"dataset": 'a"b'}) == (
        'max by (service, dataset) (dataset_freshness_seconds{service="dash",dataset="a\\"b"})'
    )
    assert "or" in promql(ERRORS, "orders")
