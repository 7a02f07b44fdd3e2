"""What the reader makes of a Prometheus that is away, overloaded, or knows only a part."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from chimera.domain import Refused, Signal, SignalKind, Symptom, Unavailable
from chimera.platform.observability import Prometheus, Symptoms, Window
from tests.observability.conftest import serving

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class Double:
    """Speaks the query API; answers what it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.said: Any = {"status": "success", "data": {"resultType": "matrix", "result": []}}
        self.url = ""
        self.queries: list[str] = []
        self.only: str | None = None  # other queries find nothing

    async def answer(self, request: web.Request) -> web.Response:
        self.queries.append(str((await request.post())["query"]))
        said = self.said
        if self.only is not None and not self.queries[-1].startswith(self.only):
            said = {"status": "success", "data": {"resultType": "matrix", "result": []}}
        return web.json_response(said, status=self.status)


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    double, app = Double(), web.Application()
    app.router.add_post("/api/v1/query", double.answer)
    async with serving(app) as port:
        double.url = f"http://127.0.0.1:{port}"
        yield double


async def test_nobody_there_is_unavailable() -> None:
    reader = Prometheus("http://127.0.0.1:9", retries=0)
    assert not await reader.ready()
    with pytest.raises(Unavailable, match="check that it runs"):
        await reader.instant("up")


@pytest.mark.parametrize(
    ("status", "error"), [(503, Unavailable), (500, Unavailable), (422, Refused), (401, Refused)]
)
async def test_the_answer_decides_whether_it_is_tried_again(
    double: Double, status: int, error: type[Exception]
) -> None:
    double.status, double.said = status, {"status": "error", "error": "too many samples"}
    with pytest.raises(error):
        await Prometheus(double.url, retries=0).instant("up")


async def test_warnings_make_an_answer_partial(double: Double) -> None:
    double.said["warnings"] = ["a store was not reachable"]
    answer = await Prometheus(double.url).raw("up", NOW - timedelta(minutes=1), NOW)
    assert answer.partial
    assert answer.warnings == ("a store was not reachable",)
    assert double.queries == ["up[60000ms]"]


async def test_long_raw_reads_are_split_without_overlap(double: Double) -> None:
    reader = Prometheus(double.url)
    await reader.raw("up", NOW - timedelta(minutes=25), NOW, piece=timedelta(minutes=10))
    assert sorted(double.queries) == ["up[300000ms]", "up[600000ms]", "up[600000ms]"]


@pytest.mark.parametrize("status", [503, 401, 422])
async def test_a_window_says_that_it_is_blind_and_keeps_the_past(
    double: Double, status: int
) -> None:
    at = NOW.timestamp()
    samples = [[at - 30 + i, "4"] for i in range(31)]
    labels = {"__name__": "up", "service": "orders", "instance": "orders-0"}
    double.said["data"]["result"] = [{"metric": labels, "values": samples}]
    window = Window(
        Prometheus(double.url, retries=0),
        (Signal(name="presence", metric="up"),),
        step=timedelta(seconds=1),
        history=timedelta(seconds=20),
    )
    first = await window.advance(NOW)
    assert not first.blind
    assert first.block.values[0, -1] == 4.0
    double.status = status
    second = await window.advance(NOW + timedelta(seconds=5))
    assert second.blind
    assert second.warnings
    assert second.block is first.block


async def test_a_counter_that_nobody_has_touched_is_zero_while_its_service_is_scraped(
    double: Double,
) -> None:
    at, double.only = NOW.timestamp(), "up"
    labels = {"__name__": "up", "service": "orders", "instance": "orders-0"}
    samples = [[at - 30 + i, "1"] for i in range(31)]
    double.said["data"]["result"] = [{"metric": labels, "values": samples}]
    failures = Signal(name="auth", read="rate", metric="auth_failures_total", by=("upstream",))
    window = Window(Prometheus(double.url), (failures,), step=timedelta(seconds=1))
    since = NOW - timedelta(seconds=10)
    series = await window.series("auth", "orders", {"upstream": "bank"}, since, NOW)
    assert set(series.values) == {0.0}
    unknown = await window.series("auth", "nobody", {"upstream": "bank"}, since, NOW)
    assert all(math.isnan(value) for value in unknown.values)
    symptom = Symptom(
        signal="auth",
        kind=SignalKind.CREDENTIAL,
        service="orders",
        labels={"upstream": "bank"},
        query="",
        high=0.3,
        began=since,
    )
    assert await Symptoms(window).check(symptom, since, NOW) == "healthy"
    gone = symptom.model_copy(update={"service": "nobody"})
    assert await Symptoms(window).check(gone, since, NOW) == "no_data"
