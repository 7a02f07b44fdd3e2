"""The reader, the window, changes and symptoms against a real Prometheus."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from chimera.domain import Change, Refused, Signal, SignalKind, Symptom
from chimera.platform.observability import Changes, Prometheus, Symptoms, Window, promql
from tests.observability.conftest import Target, until

STEP = timedelta(seconds=1)
QUEUE = Signal(name="queue", kind=SignalKind.QUEUE, metric="queue_length")
UP = Signal(name="presence", kind=SignalKind.PRESENCE, metric="up", combine="mean", bad="down")
ERRORS = Signal(
    name="errors",
    kind=SignalKind.ERRORS,
    read="ratio",
    metric="http_requests_total",
    where='code=~"5.."',
    per="http_requests_total",
)


def now() -> datetime:
    return datetime.now(UTC)


async def samples(prometheus: Prometheus, query: str) -> int:
    answer = await prometheus.raw(query, now() - timedelta(minutes=1), now())
    return sum(s.times.size for s in answer.series)


async def test_a_window_follows_a_service_through_an_outage(
    target: Target, prometheus: Prometheus
) -> None:
    target.lines = {"queue_length": 3.0, 'http_requests_total{code="200"}': 100.0}
    window = Window(prometheus, (QUEUE, UP, ERRORS), step=STEP, history=timedelta(seconds=60))

    async def scraped() -> bool:
        target.lines['http_requests_total{code="200"}'] += 5
        return await samples(prometheus, "queue_length") >= 4

    await until(scraped)
    began = now()
    reading = await window.advance(began)
    assert not reading.blind
    assert not reading.partial
    rows = {key.signal: i for i, key in enumerate(reading.block.keys)}
    queue = reading.block.values[rows["queue"]]
    assert queue[np.isfinite(queue)].tolist() == [3.0] * int(np.isfinite(queue).sum())
    errors = reading.block.values[rows["errors"]]
    assert errors[np.isfinite(errors)].max() == 0.0  # no series of errors yet is zero errors

    symptom = Symptom(
        signal="queue",
        kind=SignalKind.QUEUE,
        service="orders",
        query="queue_length",
        high=5.0,
        began=began,
    )
    symptoms = Symptoms(window)

    async def healthy() -> bool:
        return await symptoms.check(symptom, began, now()) == "healthy"

    assert await symptoms.check(symptom, began, began) == "no_data"
    await until(healthy)

    target.lines['http_requests_total{code="500"}'] = 10.0  # the first errors of this process
    target.lines["queue_length"] = 9.0

    async def failing() -> bool:
        fresh = (await window.advance(now())).block
        row = [k.signal for k in fresh.keys].index("errors")
        return bool(np.nanmax(fresh.values[row]) > 0.5)

    async def sick() -> bool:
        return await symptoms.check(symptom, began, now()) == "sick"

    await until(failing)
    await until(sick)

    target.alive = False

    async def missing() -> bool:
        block = (await window.advance(now())).block
        row = [k.signal for k in block.keys].index("queue")
        assert block.scraped is not None
        return not block.scraped[row, -4:].any() and bool(np.isnan(block.values[row, -4:]).all())

    await until(missing)
    assert await symptoms.check(symptom, now() - 4 * STEP, now()) == "no_data"
    block = (await window.advance(now())).block
    up = block.values[[k.signal for k in block.keys].index("presence")]
    assert up[-2] == 0.0  # its target answers no scrape, and that is known


async def test_changes_are_what_processes_say_of_themselves(
    target: Target, prometheus: Prometheus
) -> None:
    target.lines = {'app_info{version="1.4.1"}': 1, 'app_config_info{key="limit",value="5"}': 1}
    began = now()

    async def seen() -> bool:
        return await samples(prometheus, "app_info") >= 2

    async def changed() -> bool:
        return len(await Changes(prometheus, step=STEP).changes(began, now())) >= 2

    await until(seen)
    assert await Changes(prometheus, step=STEP).changes(began, now()) == []
    target.lines = {'app_info{version="1.4.2"}': 1, 'app_config_info{key="limit",value="9"}': 1}
    await until(changed)
    changes = await Changes(prometheus, step=STEP).changes(began, now(), "orders")
    assert {(c.kind, c.what, c.before, c.after) for c in changes} == {
        ("release", "orders", "1.4.1", "1.4.2"),
        ("configuration", "limit", "5", "9"),
    }
    assert await Changes(prometheus, step=STEP).changes(began, now(), "payments") == []

    async def limits() -> list[Change]:
        found = await Changes(prometheus, step=STEP).changes(began, now(), "orders")
        return [change for change in found if change.what == "limit"]

    # Put back, then changed once more in the same way: each time is a change of its own.
    for at, value in enumerate(("5", "9"), start=2):

        async def settled(at: int = at) -> bool:  # long enough to be told from a missed scrape
            found = await limits()
            return len(found) >= at - 1 and now() - found[-1].at >= 4 * STEP

        await until(settled)
        target.lines = {f'app_config_info{{key="limit",value="{value}"}}': 1}

        async def again(at: int = at) -> bool:
            return len(await limits()) >= at

        await until(again)
    said = [(change.before, change.after) for change in await limits()]
    assert said == [("5", "9"), ("9", "5"), ("5", "9")]


async def test_queries_are_answered_or_refused_in_prometheus_own_words(
    target: Target, prometheus: Prometheus
) -> None:
    target.lines = {
        "queue_length": 3.0,
        "pool_connections_in_use": 2.0,
        "pool_connections_max": 8.0,
        "http_requests_total": 7.0,
        'http_request_duration_seconds_bucket{le="0.1"}': 3.0,
        'http_request_duration_seconds_bucket{le="+Inf"}': 4.0,
        "http_request_duration_seconds_sum": 1.0,
        "http_request_duration_seconds_count": 4.0,
    }
    with pytest.raises(Refused, match=r"parse error.*correct the query"):
        await prometheus.instant("sum by (")

    async def seen() -> bool:
        target.lines["http_requests_total"] += 3
        target.lines["http_request_duration_seconds_count"] += 1
        target.lines['http_request_duration_seconds_bucket{le="+Inf"}'] += 1
        return await samples(prometheus, "queue_length") >= 3

    await until(seen)
    signals = [
        QUEUE,
        UP,
        ERRORS,
        Signal(name="pool", metric="pool_connections_in_use", per="pool_connections_max"),
        Signal(name="mean", read="mean", metric="http_request_duration_seconds"),
        Signal(name="p95", read="quantile", metric="http_request_duration_seconds", quantile=0.95),
        Signal(name="cpu", read="rate", metric="http_requests_total", scale=100.0),
    ]
    for signal in signals:
        answer = await prometheus.instant(promql(signal, "orders", step=STEP))
        assert len(answer.series) == 1, promql(signal, "orders", step=STEP)
        assert answer.series[0].labels == {"service": "orders"}
    assert "graph?g0.expr=queue_length" in prometheus.link("queue_length")
    grid = await prometheus.range("queue_length", now() - timedelta(hours=4), now(), STEP)
    assert grid.series[0].values[-1] == 3.0  # 14,400 points were asked for: read in pieces
